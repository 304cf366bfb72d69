import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { assemblePipeline, samplesOf, type ImageRequest, type Pipeline } from '../../pipeline/pipeline.js';
import { modelCard } from '../../pipeline/folder/folder-files.js';
import { layoutOf } from '../../pipeline/family.js';
import { readModelFolder, type Component } from '../../pipeline/folder/model-folder.js';
import { picturesOf } from '../../pipeline/graphs/codec.js';
import { readJson } from '../../pipeline/folder/read-json.js';
import { checkScheduler, trainingOf } from '../../pipeline/schedulers/registry.js';
import type { Sample } from '../../pipeline/sample.js';
import { maxDifference } from './difference.js';
import { readFloats, readNpy } from './npy.js';

const ArgumentsSchema = v.looseObject({
  guidance_scale: v.number(),
  num_inference_steps: v.number(),
  strength: v.number(),
  prompt: v.optional(v.string()),
  negative_prompt: v.optional(v.string()),
});

/** A case of a whole model folder; its prompt is text, as in use. */
const FolderCaseSchema = v.looseObject({
  model: v.string(),
  vae: v.nullable(v.string()),
  /** In place of the folder's own. */
  scheduler_config: v.nullish(v.looseObject({})),
  /** Its class, if the fields do not name it. */
  scheduler: v.optional(v.string()),
  /** Larger if the graphs themselves are less precise. */
  latents_tolerance: v.number(),
  /** The sketch of a model that takes one as a condition, and its scale. */
  control_image: v.nullish(v.string()),
  conditioning_scale: v.nullish(v.number()),
  args: ArgumentsSchema,
});

/** A case of single graphs; its prompt is recorded as the numbers that the UNet reads. */
const GraphsCaseSchema = v.looseObject({
  pipeline: v.string(),
  scheduler: v.string(),
  scheduler_config: v.looseObject({}),
  vae: v.string(),
  scaling_factor: v.number(),
  unet: v.string(),
  vae_encoder: v.string(),
  vae_decoder: v.string(),
  args: ArgumentsSchema,
});

const CaseSchema = v.union([FolderCaseSchema, GraphsCaseSchema]);

type GraphsCase = v.InferOutput<typeof GraphsCaseSchema>;
type FolderCase = v.InferOutput<typeof FolderCaseSchema>;
type Case = FolderCase | GraphsCase;

/** How far our numbers are from those of one recorded case. */
export interface CaseResult {
  readonly name: string;
  /** Greatest difference of the latents after any step. */
  readonly latentsMax: number;
  readonly latentsTolerance: number;
  /** Greatest difference of the picture, in levels of 255. */
  readonly pixelsMax: number;
}

const LATENTS_TOLERANCE = 1e-3;
const SERVED_SCHEDULERS = ['LCMScheduler', 'EulerDiscreteScheduler', 'EulerAncestralDiscreteScheduler'];

/** Names of the recorded cases in the folder. */
export function caseNames(dir: string): Promise<string[]> {
  return readJson(join(dir, 'pipelines', 'index.json'), v.array(v.string()));
}

/**
 * Runs one case on the recorded picture, prompt and noise.
 *
 * @returns undefined for a kind of pipeline that is not served
 * @throws ModelError when a file of the case is missing
 */
export async function runCase(dir: string, name: string): Promise<CaseResult | undefined> {
  const description = await readJson(join(dir, 'pipelines', name, 'case.json'), CaseSchema);
  if (!isFolderCase(description) && !SERVED_SCHEDULERS.includes(description.scheduler)) return undefined;
  const picture = await readNpy(join(dir, 'init_image.uint8.npy'));
  const [height = 0, width = 0] = picture.shape;
  const size = { width, height };
  const pipeline = isFolderCase(description)
    ? await loadCase(dir, { description, size })
    : await assembleCase(dir, name, { description, size });
  try {
    return await compare(pipeline, { dir, name, description, picture: picture.data as Uint8Array });
  } finally {
    await pipeline.dispose();
  }
}

function isFolderCase(description: Case): description is FolderCase {
  return 'model' in description;
}

interface Assembly<Description> {
  readonly description: Description;
  readonly size: { readonly width: number; readonly height: number };
}

async function loadCase(dir: string, { description, size }: Assembly<FolderCase>): Promise<Pipeline> {
  const { model, vae, scheduler, scheduler_config: config } = description;
  const folder = await readModelFolder(join(dir, model), vae ? join(dir, vae) : undefined);
  return assemblePipeline(
    config ? { ...folder, scheduler: checkScheduler({ _class_name: scheduler, ...config }) } : folder,
    { size },
  );
}

function assembleCase(dir: string, name: string, { description, size }: Assembly<GraphsCase>): Promise<Pipeline> {
  const component = <Config>(graph: string, config: Config): Component<Config> => ({ graph: join(dir, graph), config });
  const scheduler = checkScheduler({ ...description.scheduler_config, _class_name: description.scheduler });
  const vae = { _class_name: description.vae, scaling_factor: description.scaling_factor };
  return assemblePipeline(
    {
      dir,
      dtype: undefined,
      id: name,
      card: v.parse(modelCard, {}),
      pipelineClass: description.pipeline,
      scheduler,
      layout: layoutOf(trainingOf(scheduler), false),
      controlEncoder: undefined,
      unet: component(description.unet, {}),
      textEncoders: [],
      zeroEmptyPrompt: false,
      safetyChecker: undefined,
      vae: {
        encoder: component(description.vae_encoder, vae),
        decoder: component(description.vae_decoder, vae),
      },
    },
    { size },
  );
}

interface Comparison {
  readonly dir: string;
  readonly name: string;
  readonly description: Case;
  readonly picture: Uint8Array;
}

/** Runs all steps. A case that takes another number of them differs infinitely, however near the numbers are. */
async function compareSteps(pipeline: Pipeline, sample: Sample, wanted: Float32Array): Promise<number> {
  const size = sample.latents.length;
  let latentsMax = wanted.length === sample.steps * size ? 0 : Infinity;
  while (!sample.done) {
    await pipeline.step([sample]);
    const from = (sample.index - 1) * size;
    latentsMax = Math.max(latentsMax, maxDifference(sample.latents, wanted.subarray(from, from + size)));
  }
  return latentsMax;
}

async function compare(pipeline: Pipeline, { dir, name, description, picture }: Comparison): Promise<CaseResult> {
  const recorded = (file: string): Promise<Float32Array> => readFloats(join(dir, 'pipelines', name, file));
  const { guidance_scale: guidance, num_inference_steps: steps, strength } = description.args;
  const vaeNoise = await recordedOr(join(dir, 'pipelines', name, 'noise_vae.npy'));
  const initial = await recorded('noise_init.npy');
  const later = (await recordedOr(join(dir, 'pipelines', name, 'noise_steps.npy'))) ?? new Float32Array(0);
  const noise = (index: number): Float32Array =>
    index === 0 ? initial : later.subarray((index - 1) * initial.length, index * initial.length);

  const prompts = isFolderCase(description) ? promptsOf(description.args) : await readPrompt(dir);
  const control = isFolderCase(description) ? await readControl(dir, description) : {};
  const request = {
    picture,
    start: picture,
    posteriorNoise: vaeNoise,
    ...prompts,
    ...control,
    steps,
    strength,
    guidance,
    seed: 0,
    noise,
  };
  const [sample] = samplesOf(await pipeline.begin([request])) as [Sample];

  const latentsMax = await compareSteps(pipeline, sample, await recorded('latents_after_step.npy'));
  const [pixels] = picturesOf(await pipeline.vaeDecode([sample.denoised]));
  const wantedPixels = await readNpy(join(dir, 'pipelines', name, 'image_out.uint8.npy'));
  return {
    name,
    latentsMax,
    latentsTolerance: isFolderCase(description) ? description.latents_tolerance : LATENTS_TOLERANCE,
    pixelsMax: maxDifference(pixels!, wantedPixels.data as Uint8Array),
  };
}

async function readControl(
  dir: string,
  { control_image: file, conditioning_scale: scale }: FolderCase,
): Promise<Partial<Pick<ImageRequest, 'picture' | 'control'>>> {
  if (!file) return {};
  const { data } = await readNpy(join(dir, file));
  return { picture: data as Uint8Array, control: scale ?? undefined };
}

type Prompts = Pick<ImageRequest, 'prompt' | 'negativePrompt'>;

function promptsOf({ prompt = '', negative_prompt: negativePrompt }: v.InferOutput<typeof ArgumentsSchema>): Prompts {
  return { prompt, negativePrompt };
}

async function readPrompt(dir: string): Promise<Prompts> {
  const { data, shape } = await readNpy(join(dir, 'prompt_embeds.npy'));
  const [, tokens = 0, width = 0] = shape;
  return { prompt: { hidden: data as Float32Array, tokens, width } };
}

async function recordedOr(path: string): Promise<Float32Array | undefined> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  return found ? readFloats(path) : undefined;
}
