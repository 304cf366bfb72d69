import { basename, join, resolve } from 'node:path';
import type * as v from 'valibot';
import { ModelError } from '../errors.js';
import { checkExternalData } from './external-data.js';
import { refuseLinksOut, requireModelFolder } from './folder-checks.js';
import { exists, filesIn, graphRoot, locate } from './graph-folders.js';
import {
  modelCard,
  modelIndex,
  preprocessorConfig,
  textEncoderConfig,
  unetConfig,
  vaeConfig,
  type ModelCard,
  type ModelIndex,
  type PreprocessorConfig,
  type TextEncoderConfig,
  type UnetConfig,
  type VaeConfig,
} from './folder-files.js';
import { record } from '../fields.js';
import { readJson } from './read-json.js';
import { chooseGraph, dtypesOf, missingDtype, type Dtype } from './variants.js';
import { layoutOf, type FolderLayout } from '../family.js';
import { checkScheduler, trainingOf, type SchedulerConfig } from '../schedulers/registry.js';

/** One graph of a folder, and the configuration beside it. */
export interface Component<Config> {
  readonly graph: string;
  readonly config: Config;
}

export interface TextComponent extends Component<TextEncoderConfig> {
  readonly tokenizerDir: string;
}

/** The graph that judges pictures, and how it takes them. */
export interface SafetyComponent {
  readonly graph: string;
  readonly preprocessor: PreprocessorConfig;
}

export interface Autoencoder {
  readonly encoder: Component<VaeConfig>;
  readonly decoder: Component<VaeConfig>;
}

/** A folder in the diffusers / Optimum layout, read but not loaded. */
export interface ModelFolder {
  readonly dir: string;
  readonly id: string;
  readonly card: ModelCard;
  readonly pipelineClass: string;
  /** The type of numbers that was asked for; undefined for the plain graphs, whatever theirs is. */
  readonly dtype: Dtype | undefined;
  readonly scheduler: SchedulerConfig;
  readonly layout: FolderLayout;
  readonly unet: Component<UnetConfig>;
  readonly textEncoders: readonly TextComponent[];
  /** Whether an empty negative prompt is zeros. */
  readonly zeroEmptyPrompt: boolean;
  readonly vae: Autoencoder | undefined;
  /** The graph that makes the control of a sketch; undefined if the folder has none. */
  readonly controlEncoder: string | undefined;
  /** Undefined if the folder has none. */
  readonly safetyChecker: SafetyComponent | undefined;
}

/**
 * @param vaeDir a folder whose `vae_encoder` and `vae_decoder` replace the model's own
 * @param dtype the graphs to take where a part has several; parts without such a graph are taken in their plain form
 * @throws ModelError when the folder, a graph or a configuration is missing, cannot be read, or is outside the folder
 */
export async function readModelFolder(dir: string, vaeDir = dir, dtype?: Dtype): Promise<ModelFolder> {
  await requireModelFolder(dir);
  for (const folder of new Set([dir, vaeDir])) await refuseLinksOut(folder);
  const index = await readModelIndex(dir);
  const scheduler = await readScheduler(dir);
  const layout = await readLayout(dir, scheduler);
  if (layout.codec === 'pixels' && vaeDir !== dir) {
    throw new ModelError(`${dir} works on pixels and has no autoencoder to replace: leave --vae out`);
  }
  await requireDtype(dir, vaeDir, dtype);
  return {
    dir,
    dtype,
    id: basename(resolve(dir)),
    card: await readModelCard(dir),
    pipelineClass: index._class_name ?? '',
    scheduler,
    layout,
    unet: await readComponent(dir, 'unet', { schema: unetConfig, dtype }),
    textEncoders: await readTextEncoders(dir, layout, dtype),
    zeroEmptyPrompt: layout.zeroEmptyPrompt && (index.force_zeros_for_empty_prompt ?? true),
    vae: layout.codec === 'vae' ? await readAutoencoder(vaeDir, dtype) : undefined,
    controlEncoder: (await hasPart(dir, 'control_encoder'))
      ? await findGraph(dir, 'control_encoder', dtype)
      : undefined,
    safetyChecker: await readSafetyChecker(dir, dtype),
  };
}

/** The type of plain graphs shows when they are loaded. */
async function requireDtype(dir: string, vaeDir: string, dtype: Dtype | undefined): Promise<void> {
  if (dtype !== 'int8') return;
  const there = await dtypesOf(dir, vaeDir);
  if (there.has(dtype)) return;
  throw missingDtype(dir, dtype, ['model.onnx', ...[...there].map((one) => `model_${one}.onnx`)].join(' and '));
}

/** Which parts the folder should have beside the UNet. */
export async function readLayout(dir: string, scheduler: SchedulerConfig): Promise<FolderLayout> {
  return layoutOf(trainingOf(scheduler), await hasPart(dir, 'text_encoder_2'));
}

/** @throws ModelError when it is missing, or has a field that is not allowed */
export async function readScheduler(dir: string): Promise<SchedulerConfig> {
  const path = await locate(dir, 'scheduler', 'scheduler_config.json');
  return checkScheduler(await readJson(path, record({})), path);
}

/** @throws ModelError when it has a field that is not allowed */
export async function readModelIndex(dir: string): Promise<ModelIndex> {
  return readJson(await locate(dir, 'model_index.json'), modelIndex, {});
}

/** @throws ModelError when it has a field that is not allowed */
export async function readModelCard(dir: string): Promise<ModelCard> {
  return readJson(await locate(dir, 'underpaint.json'), modelCard, {});
}

async function readAutoencoder(dir: string, dtype: Dtype | undefined): Promise<Autoencoder> {
  // diffusers keeps one configuration for both halves; not all exporters copy it beside the graphs.
  const whole = await readJson(await locate(dir, 'vae', 'config.json'), vaeConfig, {});
  return {
    encoder: await readComponent(dir, 'vae_encoder', { schema: vaeConfig, fallback: whole, dtype }),
    decoder: await readComponent(dir, 'vae_decoder', { schema: vaeConfig, fallback: whole, dtype }),
  };
}

const TEXT_ENCODERS = [
  ['text_encoder', 'tokenizer'],
  ['text_encoder_2', 'tokenizer_2'],
] as const;

function readTextEncoders(
  dir: string,
  { textEncoders }: FolderLayout,
  dtype: Dtype | undefined,
): Promise<TextComponent[]> {
  return Promise.all(
    TEXT_ENCODERS.slice(0, textEncoders).map(async ([name, tokenizer]) => ({
      ...(await readComponent(dir, name, { schema: textEncoderConfig, dtype })),
      tokenizerDir: await locate(dir, tokenizer),
    })),
  );
}

async function readSafetyChecker(dir: string, dtype: Dtype | undefined): Promise<SafetyComponent | undefined> {
  if (!(await hasGraph(dir, 'safety_checker'))) return undefined;
  const preprocessor = await locate(dir, 'feature_extractor', 'preprocessor_config.json');
  return {
    graph: await findGraph(dir, 'safety_checker', dtype),
    preprocessor: await readJson(preprocessor, preprocessorConfig, {}),
  };
}

/** Whether the folder has such a part, whole or not. */
async function hasPart(dir: string, name: string): Promise<boolean> {
  return exists(await locate(dir, name));
}

async function hasGraph(dir: string, name: string): Promise<boolean> {
  const files = await filesIn(join(await graphRoot(dir), name));
  return files.some((file) => file.endsWith('.onnx'));
}

interface ConfigOptions<Schema> {
  readonly schema: Schema;
  /** Stands in for a missing `config.json`. */
  readonly fallback?: object;
  readonly dtype?: Dtype | undefined;
}

/** @throws ModelError when the graph is missing, or its configuration has a field that is not allowed */
export async function readComponent<Schema extends v.GenericSchema>(
  dir: string,
  name: string,
  { schema, fallback = {}, dtype }: ConfigOptions<Schema>,
): Promise<Component<v.InferOutput<Schema>>> {
  const graph = await findGraph(dir, name, dtype);
  return { graph, config: await readJson(await locate(dir, name, 'config.json'), schema, fallback) };
}

/**
 * @returns its path
 * @throws ModelError when it is missing, or its weights are
 */
async function findGraph(dir: string, name: string, dtype: Dtype | undefined): Promise<string> {
  const folder = join(await graphRoot(dir), name);
  const files = await filesIn(folder);
  const graphs = files.filter((file) => file.endsWith('.onnx'));
  const file = chooseGraph(folder, graphs, dtype);
  if (!file) throw new ModelError(missingGraph(folder, files));
  await checkExternalData(join(folder, file));
  return join(folder, file);
}

function missingGraph(folder: string, files: readonly string[]): string {
  const hasWeights = files.some((file) => /\.(safetensors|bin)$/.test(file));
  const hint = hasWeights ? ': it has PyTorch weights only, export them to ONNX first' : '';
  return `${join(folder, 'model.onnx')} is missing${hint}`;
}
