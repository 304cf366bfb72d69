import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { assemblePipeline, type LcmPipeline } from '../../pipeline/lcm-pipeline.js';
import type { Component, ComponentConfig } from '../../pipeline/model-folder.js';
import { readJson } from '../../pipeline/read-json.js';
import type { SchedulerConfig } from '../../pipeline/schedulers/noise-schedule.js';
import { maxDifference } from './difference.js';
import { readFloats, readNpy } from './npy.js';

const CaseSchema = v.looseObject({
  pipeline: v.string(),
  scheduler: v.string(),
  scheduler_config: v.looseObject({}),
  vae: v.string(),
  scaling_factor: v.number(),
  unet: v.string(),
  vae_encoder: v.string(),
  vae_decoder: v.string(),
  args: v.looseObject({ guidance_scale: v.number(), num_inference_steps: v.number(), strength: v.number() }),
});

type Case = v.InferOutput<typeof CaseSchema>;

/** How far one recorded case is missed. */
export interface CaseResult {
  readonly name: string;
  /** Greatest difference of the latents after any step. */
  readonly latentsMax: number;
  /** Greatest difference of the picture, in levels of 255. */
  readonly pixelsMax: number;
}

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
  if (!SERVED_SCHEDULERS.includes(description.scheduler)) return undefined;
  const picture = await readNpy(join(dir, 'init_image.uint8.npy'));
  const [height = 0, width = 0] = picture.shape;
  const pipeline = await assembleCase(dir, name, { description, size: { width, height } });
  try {
    return await compare(pipeline, { dir, name, description, picture: picture.data as Uint8Array });
  } finally {
    await pipeline.dispose();
  }
}

interface Assembly {
  readonly description: Case;
  readonly size: { readonly width: number; readonly height: number };
}

function assembleCase(dir: string, name: string, { description, size }: Assembly): Promise<LcmPipeline> {
  const component = (graph: string, config: ComponentConfig): Component => ({ graph: join(dir, graph), config });
  const vae = { _class_name: description.vae, scaling_factor: description.scaling_factor };
  return assemblePipeline(
    {
      dir,
      id: name,
      card: { prompts: [], palette: [], defaults: {} },
      pipelineClass: description.pipeline,
      scheduler: { ...description.scheduler_config, _class_name: description.scheduler } as SchedulerConfig,
      unet: component(description.unet, {}),
      textEncoder: undefined,
      vaeEncoder: component(description.vae_encoder, vae),
      vaeDecoder: component(description.vae_decoder, vae),
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

async function compare(pipeline: LcmPipeline, { dir, name, description, picture }: Comparison): Promise<CaseResult> {
  const recorded = (file: string): Promise<Float32Array> => readFloats(join(dir, 'pipelines', name, file));
  const { guidance_scale: guidance, num_inference_steps: steps, strength } = description.args;
  const vaeNoise = await recordedOr(join(dir, 'pipelines', name, 'noise_vae.npy'));
  const initial = await recorded('noise_init.npy');
  const later = (await recordedOr(join(dir, 'pipelines', name, 'noise_steps.npy'))) ?? new Float32Array(0);
  const noise = (index: number): Float32Array =>
    index === 0 ? initial : later.subarray((index - 1) * initial.length, index * initial.length);

  const hidden = await readNpy(join(dir, 'prompt_embeds.npy'));
  const [, tokens = 0, width = 0] = hidden.shape;
  const prompt = { hidden: hidden.data as Float32Array, tokens, width };
  const [latents] = await pipeline.vaeEncode([picture], vaeNoise && [vaeNoise]);
  const row = pipeline.begin({ latents: latents!, prompt, steps, strength, guidance, seed: 0, noise });

  const wanted = await recorded('latents_after_step.npy');
  let latentsMax = 0;
  while (!row.done) {
    await pipeline.step([row]);
    const from = (row.index - 1) * row.latents.length;
    latentsMax = Math.max(latentsMax, maxDifference(row.latents, wanted.subarray(from, from + row.latents.length)));
  }
  const [pixels] = await pipeline.vaeDecode([row.denoised]);
  const wantedPixels = await readNpy(join(dir, 'pipelines', name, 'image_out.uint8.npy'));
  // A case that ran another number of steps has failed, however near the numbers are.
  const ranAll = wanted.length === row.steps * row.latents.length;
  return {
    name,
    latentsMax: ranAll ? latentsMax : Infinity,
    pixelsMax: maxDifference(pixels!, wantedPixels.data as Uint8Array),
  };
}

async function recordedOr(path: string): Promise<Float32Array | undefined> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  return found ? readFloats(path) : undefined;
}
