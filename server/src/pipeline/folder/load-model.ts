import { Conditions } from '../conditions/conditions.js';
import { PromptEncoder } from '../conditions/prompt-encoder.js';
import { Prompts } from '../conditions/prompts.js';
import { ModelError } from '../errors.js';
import { familyOf, type Family, type FolderLayout } from '../family.js';
import { controlExtension, ControlEncoder } from '../graphs/control-encoder.js';
import { openExtended, PLAIN } from '../graphs/extended-graph.js';
import type { GraphSpecs } from '../graphs/graph-specs.js';
import type { LatentShape } from '../graphs/latent-shape.js';
import type { KeptGraphOptions } from '../graphs/optimised-graph.js';
import { openPixelCodec } from '../graphs/pixel-codec.js';
import type { Size } from '../graphs/pixels.js';
import { SafetyChecker } from '../graphs/safety-checker.js';
import { stepExtension } from '../graphs/step-graph.js';
import { openOnDevice } from '../graphs/step-runner.js';
import { TextEncoder } from '../graphs/text-encoder.js';
import { BASIC_INPUTS, Unet } from '../graphs/unet.js';
import { OpenedVae, type OpenExtended, type VaeCodec } from '../graphs/vae-codec.js';
import { createScheduler, trainingOf } from '../schedulers/registry.js';
import type { Sampler } from '../schedulers/sampler.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import type { TextEncoderConfig } from './folder-files.js';
import type { ModelFolder, SafetyComponent, TextComponent } from './model-folder.js';
import { dtypeOfName, missingDtype, type Dtype } from './variants.js';

/** A folder's graphs and schedule, ready to run. */
export interface LoadedModel {
  readonly family: Family;
  readonly dtype: Dtype;
  readonly scheduler: Scheduler;
  readonly prompts: Prompts | undefined;
  readonly conditions: Conditions;
  readonly unet: Unet;
  readonly codec: VaeCodec;
  readonly safetyChecker: SafetyChecker | undefined;
  readonly latentShape: LatentShape;
  /** Frees all graphs. */
  dispose(): Promise<void>;
}

export interface LoadOptions extends KeptGraphOptions {
  /** Bytes of prompt embeddings that are kept. */
  readonly promptCacheBytes: number;
  /** Pixels of the pictures; by default the size that the model was made for. */
  readonly size: Size | undefined;
  /** A sampler other than the model's own, for consistency models. */
  readonly sampler?: Sampler | undefined;
  /** Whether pictures are judged, if the folder has a safety checker. */
  readonly safetyChecker: boolean;
  /** Opens a graph with the nodes added to it, for callers that watch it. */
  readonly open?: OpenExtended | undefined;
}

/** @throws ModelError when a graph does not load or does not fit the others */
export async function loadModel(folder: ModelFolder, options: LoadOptions): Promise<LoadedModel> {
  const { open = (path, extension) => openExtended(path, extension, options), sampler } = options;
  // Small graphs first: missing or broken ones should be reported before a large one is read.
  const safetyChecker = options.safetyChecker ? await loadSafetyChecker(folder.safetyChecker, open) : undefined;
  const vae = folder.vae && (await OpenedVae.open(folder.vae, folder.layout.latentFactor, open));
  const promptEncoder = await loadPromptEncoder(folder, open);
  const controlEncoder = folder.controlEncoder ? await openControl(folder.controlEncoder, open) : undefined;
  const { unet, family } = await openUnet(folder, open, options);

  const dtype = dtypeIn(folder, unet);
  const scheduler = createScheduler({ ...folder.scheduler, ...family.schedule }, { rule: family.strength, sampler });

  const channels = unet.channels ?? folder.unet.config.in_channels ?? vae?.channels ?? 4;
  const codec = vae ? await vae.fit(channels, open) : await pixelCodec(folder, { unet, channels }, options);
  const size = options.size ?? sizeOf(folder, unet, codec.factor);
  const latentShape = { channels, ...latentSizeOf(size, folder, codec.factor) };
  unet.requireSize(latentShape, codec.factor);
  codec.requireSize(size, latentShape);

  const { promptCacheBytes: cacheBytes } = options;
  const { zeroEmptyPrompt } = folder;
  const prompts = promptEncoder && (await Prompts.of(promptEncoder, { cacheBytes, zeroEmptyPrompt }));
  const conditions = await conditionsOf(folder, unet, { prompts, controlEncoder, size, latentShape });
  const dispose = async (): Promise<void> => {
    for (const part of [unet, promptEncoder, controlEncoder, codec, safetyChecker]) await part?.dispose();
  };
  return { family, dtype, scheduler, prompts, conditions, unet, codec, safetyChecker, latentShape, dispose };
}

/** @throws ModelError when it is not the one that was asked for */
function dtypeIn({ dir, dtype, unet: { graph } }: ModelFolder, { inputs }: Unet): Dtype {
  if (dtype === 'int8') return dtype;
  const found = dtypeOfName(graph) ?? (inputs.get('sample')?.type === 'float16' ? 'fp16' : 'fp32');
  if (dtype === undefined || found === dtype) return found;
  throw missingDtype(dir, dtype, `those in ${found}`);
}

async function openControl(path: string, open: OpenExtended): Promise<ControlEncoder> {
  return new ControlEncoder(await open(path, controlExtension));
}

interface OpenedUnet {
  readonly unet: Unet;
  readonly family: Family;
}

/** @throws ModelError when the UNet does not belong to the text encoders */
async function openUnet(folder: ModelFolder, open: OpenExtended, options: LoadOptions): Promise<OpenedUnet> {
  const isGuidedByRows = (specs: GraphSpecs): boolean => familyIn(folder, specs).guidance === 'rows';
  const graph = await open(folder.unet.graph, stepExtension(isGuidedByRows));
  const onDevice = await openOnDevice(graph, options);
  return { unet: new Unet(graph, isGuidedByRows(graph), onDevice), family: familyIn(folder, graph) };
}

/** @throws ModelError when the UNet does not belong to the text encoders */
function familyIn({ dir, layout, scheduler, pipelineClass }: ModelFolder, { inputs }: GraphSpecs): Family {
  const isPooled = inputs.has('text_embeds');
  if (isPooled && layout.textEncoders < 2) {
    throw new ModelError(`${dir} has a unet of the SDXL family, but no text_encoder_2: export both text encoders`);
  }
  if (!isPooled && layout.textEncoders > 1) {
    throw new ModelError(
      `${dir} has two text encoders, but no unet of the SDXL family: take all from one model, or remove text_encoder_2`,
    );
  }
  const isEmbedded = inputs.has('timestep_cond');
  return familyOf({ layout, training: trainingOf(scheduler), isEmbedded, pipelineClass });
}

interface Fitted {
  readonly prompts: Prompts | undefined;
  readonly controlEncoder: ControlEncoder | undefined;
  readonly size: Size;
  readonly latentShape: LatentShape;
}

function conditionsOf(
  { dir, card, layout, unet: { config } }: ModelFolder,
  unet: Unet,
  fitted: Fitted,
): Promise<Conditions> {
  const { path, inputs } = unet;
  const { cross_attention_dim: width, time_cond_proj_dim: guidanceWidth, num_class_embeds: classes } = config;
  const model = {
    dir,
    path,
    inputs,
    promptWidth: typeof width === 'number' ? width : undefined,
    guidanceWidth,
    classes: layout.codec === 'pixels' ? classes : undefined,
    emptySheet: card.emptySheet === undefined ? undefined : rgbOf(card.emptySheet),
    ...fitted,
  };
  return Conditions.of(model, BASIC_INPUTS);
}

/** Red, green and blue of #rrggbb. */
function rgbOf(colour: string): number[] {
  return [...Buffer.from(colour.slice(1), 'hex')];
}

/** @throws ModelError when a model of pixels does not take colours and real noise levels */
async function pixelCodec(
  { dir }: ModelFolder,
  { unet, channels }: { readonly unet: Unet; readonly channels: number },
  options: LoadOptions,
): Promise<VaeCodec> {
  unet.requireRealTimesteps();
  if (channels === 3) return openPixelCodec(options);
  throw new ModelError(`${dir} makes pictures of ${channels} channels; only models of red, green and blue are served`);
}

async function loadPromptEncoder(
  { textEncoders, layout }: ModelFolder,
  open: OpenExtended,
): Promise<PromptEncoder | undefined> {
  if (textEncoders.length === 0) return undefined;
  const encoders: TextEncoder[] = [];
  for (const component of textEncoders) encoders.push(await loadTextEncoder(component, layout.textLayer, open));
  return new PromptEncoder(encoders);
}

async function loadTextEncoder(
  { graph, config, tokenizerDir }: TextComponent,
  layer: FolderLayout['textLayer'],
  open: OpenExtended,
): Promise<TextEncoder> {
  const tokenizer = await Tokenizer.load(tokenizerDir);
  requireSameEnd(graph, config, tokenizer);
  const { max_position_embeddings: positions, vocab_size: vocabulary } = config;
  const encoder = new TextEncoder(await open(graph, PLAIN), tokenizer, { positions, vocabulary, layer });
  if (vocabulary === undefined) await encoder.checkTokenizer();
  return encoder;
}

/** The value of old CLIP configurations, whatever their tokenizer. */
const NO_END = 2;

/** @throws ModelError when the encoder's configuration ends a text with another token */
function requireSameEnd(graph: string, { eos_token_id: end }: TextEncoderConfig, tokenizer: Tokenizer): void {
  if (typeof end !== 'number' || end === NO_END || end === tokenizer.endId) return;
  throw new ModelError(
    `${tokenizer.dir} ends a text with id ${tokenizer.endId}, the configuration beside ${graph} with ${end}: ` +
      'they are of different models, take both from the same one',
  );
}

async function loadSafetyChecker(
  component: SafetyComponent | undefined,
  open: OpenExtended,
): Promise<SafetyChecker | undefined> {
  return component && new SafetyChecker(await open(component.graph, PLAIN), component.preprocessor);
}

/** The size that the model was made for, by the graph, else by the folder, else 512 x 512. */
function sizeOf({ card, unet: { config } }: ModelFolder, unet: Unet, factor: number): Size {
  if (unet.fixedSize) return { width: unet.fixedSize.width * factor, height: unet.fixedSize.height * factor };
  if (card.width && card.height) return { width: card.width, height: card.height };
  const sample = config.sample_size;
  const [height, width] = typeof sample === 'number' ? [sample, sample] : (sample ?? []);
  return height && width ? { width: width * factor, height: height * factor } : { width: 512, height: 512 };
}

/** A UNet halves its latents from level to level, so their size must be even at each. */
function latentSizeOf({ width, height }: Size, { unet: { config } }: ModelFolder, factor: number): Size {
  const multiple = factor * 2 ** Math.max(0, (config.block_out_channels?.length ?? 1) - 1);
  if (width % multiple !== 0 || height % multiple !== 0) {
    throw new ModelError(`${width} x ${height} pixels: this model takes multiples of ${multiple} only`);
  }
  return { width: width / factor, height: height / factor };
}
