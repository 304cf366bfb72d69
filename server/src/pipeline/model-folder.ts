import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { ModelError } from './errors.js';
import { checkExternalData } from './external-data.js';
import { refuseLinksOut, requireModelFolder } from './folder-checks.js';
import { exists, filesIn, graphRoot, locate } from './graph-folders.js';
import { readJson } from './read-json.js';
import { PIXEL_SCHEDULER } from './schedulers/create-scheduler.js';
import type { SchedulerConfig } from './schedulers/noise-schedule.js';

const ModelCardSchema = v.looseObject({
  name: v.optional(v.string()),
  width: v.optional(v.pipe(v.number(), v.integer(), v.minValue(8))),
  height: v.optional(v.pipe(v.number(), v.integer(), v.minValue(8))),
  prompts: v.optional(v.array(v.string()), []),
  palette: v.optional(v.array(v.string()), []),
  refineSteps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  defaults: v.optional(
    v.object({
      prompt: v.exactOptional(v.string()),
      strength: v.exactOptional(v.number()),
      steps: v.exactOptional(v.number()),
      guidance: v.exactOptional(v.number()),
    }),
    {},
  ),
});

/** What `underpaint.json` says of a model made for this service; other folders have none. */
export type ModelCard = v.InferOutput<typeof ModelCardSchema>;

const ComponentConfigSchema = v.looseObject({
  _class_name: v.optional(v.string()),
  time_cond_proj_dim: v.nullish(v.number()),
  in_channels: v.optional(v.number()),
  num_class_embeds: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
  sample_size: v.nullish(v.union([v.number(), v.array(v.number())])),
  block_out_channels: v.nullish(v.array(v.number())),
  max_position_embeddings: v.optional(v.number()),
  vocab_size: v.optional(v.number()),
  scaling_factor: v.optional(v.number()),
  shift_factor: v.nullish(v.number()),
});

export type ComponentConfig = v.InferOutput<typeof ComponentConfigSchema>;

const IndexSchema = v.looseObject({
  _class_name: v.optional(v.string()),
  force_zeros_for_empty_prompt: v.optional(v.boolean()),
});

const SizeSchema = v.union([
  v.number(),
  v.looseObject({
    shortest_edge: v.optional(v.number()),
    height: v.optional(v.number()),
    width: v.optional(v.number()),
  }),
]);
const ChannelsSchema = v.tuple([v.number(), v.number(), v.number()]);
const PreprocessorSchema = v.looseObject({
  size: v.optional(SizeSchema),
  crop_size: v.optional(SizeSchema),
  image_mean: v.optional(ChannelsSchema),
  image_std: v.optional(ChannelsSchema),
});

/** How CLIP's vision models want a picture: `preprocessor_config.json`. */
export type PreprocessorConfig = v.InferOutput<typeof PreprocessorSchema>;

const SchedulerSchema = v.looseObject({
  _class_name: v.optional(v.string()),
  num_train_timesteps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  beta_start: v.optional(v.number()),
  beta_end: v.optional(v.number()),
  trained_betas: v.nullish(v.array(v.number())),
  original_inference_steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  timestep_scaling: v.optional(v.number()),
  sigma_min: v.nullish(v.number()),
  sigma_max: v.nullish(v.number()),
  sigma_data: v.optional(v.number()),
  s_noise: v.optional(v.number()),
  rho: v.optional(v.number()),
});

/** One graph of a folder and what is written beside it. */
export interface Component {
  readonly graph: string;
  readonly config: ComponentConfig;
}

export interface TextComponent extends Component {
  readonly tokenizerDir: string;
}

/** The graph that judges pictures, and how it wants to see them. */
export interface SafetyComponent extends Component {
  readonly preprocessor: PreprocessorConfig;
}

export interface Autoencoder {
  readonly encoder: Component;
  readonly decoder: Component;
}

/** A folder in the diffusers / Optimum layout, read but not loaded. */
export interface ModelFolder {
  readonly dir: string;
  readonly id: string;
  readonly card: ModelCard;
  readonly pipelineClass: string;
  readonly scheduler: SchedulerConfig;
  readonly unet: Component;
  /** None for a model that takes no text, two for one of the SDXL family. */
  readonly textEncoders: readonly TextComponent[];
  /** Whether a prompt without words is zeros in place of what the text encoders make of it. */
  readonly zeroEmptyPrompt: boolean;
  /** Undefined for a model that works on the pixels themselves. */
  readonly vae: Autoencoder | undefined;
  /** Undefined where the folder has none. */
  readonly safetyChecker: SafetyComponent | undefined;
}

/**
 * @param vaeDir a folder whose `vae_encoder` and `vae_decoder` go before the model's own
 * @throws ModelError when the folder, a graph or a configuration is missing, cannot be read, or lies elsewhere
 */
export async function readModelFolder(dir: string, vaeDir = dir): Promise<ModelFolder> {
  await requireModelFolder(dir);
  for (const folder of new Set([dir, vaeDir])) await refuseLinksOut(folder);
  const index = await readJson(await locate(dir, 'model_index.json'), IndexSchema, {});
  const scheduler = await readScheduler(dir);
  const ofPixels = isOfPixels(scheduler);
  if (ofPixels && vaeDir !== dir) {
    throw new ModelError(`${dir} works on pixels and has no autoencoder to replace: leave --vae away`);
  }
  return {
    dir,
    id: basename(resolve(dir)),
    card: await readJson(await locate(dir, 'underpaint.json'), ModelCardSchema, {
      prompts: [],
      palette: [],
      defaults: {},
    }),
    pipelineClass: index._class_name ?? '',
    scheduler,
    unet: await readComponent(dir, 'unet'),
    textEncoders: ofPixels ? [] : await readTextEncoders(dir),
    zeroEmptyPrompt: index.force_zeros_for_empty_prompt ?? false,
    vae: ofPixels ? undefined : await readAutoencoder(vaeDir),
    safetyChecker: await readSafetyChecker(dir),
  };
}

/** @throws ModelError when it is missing or cannot be read */
export async function readScheduler(dir: string): Promise<SchedulerConfig> {
  const path = await locate(dir, 'scheduler', 'scheduler_config.json');
  return (await readJson(path, SchedulerSchema)) as SchedulerConfig;
}

/** Whether there are neither text encoders nor an autoencoder around the unet: pictures alone go in and out. */
export function isOfPixels({ _class_name: name }: SchedulerConfig): boolean {
  return name === PIXEL_SCHEDULER;
}

async function readAutoencoder(dir: string): Promise<Autoencoder> {
  return { encoder: await readComponent(dir, 'vae_encoder'), decoder: await readComponent(dir, 'vae_decoder') };
}

async function readTextEncoders(dir: string): Promise<TextComponent[]> {
  const names = [['text_encoder', 'tokenizer'] as const];
  if (await exists(await locate(dir, 'text_encoder_2'))) names.push(['text_encoder_2', 'tokenizer_2'] as never);
  return Promise.all(
    names.map(async ([name, tokenizer]) => ({
      ...(await readComponent(dir, name)),
      tokenizerDir: await locate(dir, tokenizer),
    })),
  );
}

async function readSafetyChecker(dir: string): Promise<SafetyComponent | undefined> {
  if (!(await hasGraph(dir, 'safety_checker'))) return undefined;
  const preprocessor = await locate(dir, 'feature_extractor', 'preprocessor_config.json');
  return {
    ...(await readComponent(dir, 'safety_checker')),
    preprocessor: await readJson(preprocessor, PreprocessorSchema, {}),
  };
}

export async function hasGraph(dir: string, name: string): Promise<boolean> {
  const files = await filesIn(join(await graphRoot(dir), name));
  return files.some((file) => file.endsWith('.onnx'));
}

/** @throws ModelError when the graph is missing or its configuration cannot be read */
export async function readComponent(dir: string, name: string): Promise<Component> {
  const folder = join(await graphRoot(dir), name);
  const files = await filesIn(folder);
  const graphs = files.filter((file) => file.endsWith('.onnx'));
  const file = graphs.includes('model.onnx') ? 'model.onnx' : graphs[0];
  if (!file) throw new ModelError(missingGraph(folder, files));
  if (file !== 'model.onnx' && graphs.length > 1) {
    throw new ModelError(`${folder} has ${graphs.join(', ')}: name the one to use model.onnx`);
  }
  await checkExternalData(join(folder, file));
  // What the exporter did not copy beside the graph, diffusers keeps in the folder of the whole autoencoder.
  const fallback = name.startsWith('vae_')
    ? await readJson(await locate(dir, 'vae', 'config.json'), ComponentConfigSchema, {})
    : {};
  const config = await readJson(await locate(dir, name, 'config.json'), ComponentConfigSchema, fallback);
  return { graph: join(folder, file), config };
}

function missingGraph(folder: string, files: readonly string[]): string {
  const hasWeights = files.some((file) => /\.(safetensors|bin)$/.test(file));
  const hint = hasWeights ? ': it has PyTorch weights only, export them to ONNX first' : '';
  return `${join(folder, 'model.onnx')} is missing${hint}`;
}
