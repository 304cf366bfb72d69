import { ModelError } from '../errors.js';
import { LatentScaling } from '../graphs/latent-scaling.js';
import type { ModelFolder, SafetyComponent, TextComponent } from './model-folder.js';
import { openGraph, type KeptGraphOptions } from '../graphs/optimised-graph.js';
import type { Graph } from '../graphs/ort.js';
import { PixelCodec } from '../graphs/pixel-codec.js';
import type { Size } from '../graphs/pixels.js';
import { PromptEncoder } from '../conditions/prompt-encoder.js';
import { SafetyChecker } from '../graphs/safety-checker.js';
import type { TextEncoderConfig } from './folder-files.js';
import { createScheduler } from '../schedulers/create-scheduler.js';
import type { Sampler } from '../schedulers/sampler.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import { TextEncoder, type TextEncoderOptions } from '../graphs/text-encoder.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { Unet, type LatentShape } from '../graphs/unet.js';
import { VaeDecoder } from '../graphs/vae-decoder.js';
import { VaeEncoder } from '../graphs/vae-encoder.js';

/** A folder's graphs and schedule, ready to run. */
export interface LoadedModel {
  readonly scheduler: Scheduler;
  readonly promptEncoder: PromptEncoder | undefined;
  readonly unet: Unet;
  readonly vaeEncoder: Pick<VaeEncoder, 'vaeEncode' | 'notFinite' | 'dispose'>;
  readonly vaeDecoder: Pick<VaeDecoder, 'vaeDecode' | 'dispose'>;
  readonly safetyChecker: SafetyChecker | undefined;
  readonly latentShape: LatentShape;
  /** Pixels that one latent spans each way; 1 where the latents are the pixels. */
  readonly vaeFactor: number;
  readonly promptCacheBytes: number;
}

export interface LoadOptions extends KeptGraphOptions {
  readonly promptCacheBytes: number;
  /** Pixels of the pictures; without it the size that the model was made for. */
  readonly size: Size | undefined;
  /** Another way through a consistency model's points than its own. */
  readonly sampler?: Sampler | undefined;
  /** Whether pictures are judged, where the folder has what judges them. */
  readonly safetyChecker: boolean;
  /** How graphs are opened, for who has opened them already. */
  readonly open?: ((path: string) => Promise<Graph>) | undefined;
}

/** @throws ModelError when a graph does not load or does not fit the others */
export async function loadModel(folder: ModelFolder, options: LoadOptions): Promise<LoadedModel> {
  const { open = (path) => openGraph(path, options) } = options;
  // Small graphs first: what is missing or broken should be told before a large one is read.
  const safetyChecker =
    folder.safetyChecker && options.safetyChecker ? await loadSafetyChecker(folder.safetyChecker, open) : undefined;
  const vae = await openAutoencoder(folder, open);
  const promptEncoder = await loadPromptEncoder(folder.textEncoders, open);

  const unetConfig = folder.unet.config;
  const unet = new Unet(await open(folder.unet.graph), {
    guidanceWidth: unetConfig.time_cond_proj_dim,
    classes: vae ? undefined : unetConfig.num_class_embeds,
  });
  if (unet.takesPooled && folder.textEncoders.length < 2) {
    throw new ModelError(
      `${folder.dir} has a unet of the SDXL family, but no text_encoder_2: export both text encoders`,
    );
  }
  if (!unet.takesPooled && folder.textEncoders.length > 1) {
    throw new ModelError(
      `${folder.dir} has two text encoders, but no unet of the SDXL family: take all from one model, or text_encoder_2 away`,
    );
  }
  const scheduler = schedulerOf(folder, unet, options.sampler);

  const channels = unet.channels ?? unetConfig.in_channels ?? vae?.decoder.channels ?? 4;
  if (!vae) requirePictures(folder, unet, channels);
  for (const scaling of [vae?.encoderScaling, vae?.decoderScaling]) scaling?.requireChannels(channels);
  const vaeFactor = vae ? await vae.decoder.probeFactor(channels) : 1;
  const vaeEncoder = vae && new VaeEncoder(vae.encoderGraph, { scaling: vae.encoderScaling, channels });
  await vaeEncoder?.checkFactor(vaeFactor);
  const size = options.size ?? sizeOf(folder, unet, vaeFactor);
  const latentShape = { channels, ...latentSizeOf(size, folder, vaeFactor) };
  for (const graph of [unet, vae?.decoder]) graph?.requireSize(latentShape, vaeFactor);
  vaeEncoder?.requireSize(size);
  const { promptCacheBytes } = options;
  return {
    scheduler,
    promptEncoder,
    unet,
    vaeEncoder: vaeEncoder ?? new PixelCodec(),
    vaeDecoder: vae?.decoder ?? new PixelCodec(),
    safetyChecker,
    latentShape,
    vaeFactor,
    promptCacheBytes,
  };
}

type Open = (path: string) => Promise<Graph>;

async function openAutoencoder({ vae, textEncoders }: ModelFolder, open: Open) {
  if (!vae) return undefined;
  const family = textEncoders.length > 1 ? 'sdxl' : 'sd';
  const decoderScaling = LatentScaling.of(vae.decoder.config, family);
  return {
    decoder: new VaeDecoder(await open(vae.decoder.graph), decoderScaling),
    decoderScaling,
    encoderGraph: await open(vae.encoder.graph),
    encoderScaling: LatentScaling.of(vae.encoder.config, family),
  };
}

/**
 * The schedule as diffusers' pipelines run it. Those of the LCM run all steps at any strength. Those of Stable Diffusion
 * set two fields whatever the file says, as old files have them wrong; those of SDXL leave them.
 */
function schedulerOf(folder: ModelFolder, unet: Unet, sampler: Sampler | undefined): Scheduler {
  const isLcm = !unet.takesPooled && (unet.guidanceWidth > 0 || /LatentConsistency/.test(folder.pipelineClass));
  const isStableDiffusion = folder.vae !== undefined && !unet.takesPooled && !isLcm;
  const config = isStableDiffusion ? { ...folder.scheduler, steps_offset: 1, clip_sample: false } : folder.scheduler;
  return createScheduler(config, { rule: isLcm ? 'rescaled' : 'truncated', sampler });
}

/** @throws ModelError when a model of pixels does not take colours and real noise levels */
function requirePictures({ dir }: ModelFolder, unet: Unet, channels: number): void {
  unet.requireRealTimesteps();
  if (channels === 3) return;
  throw new ModelError(`${dir} makes pictures of ${channels} channels; models of red, green and blue are served`);
}

async function loadPromptEncoder(components: readonly TextComponent[], open: Open): Promise<PromptEncoder | undefined> {
  if (components.length === 0) return undefined;
  const encoders: TextEncoder[] = [];
  const layer = components.length > 1 ? 'penultimate' : 'last';
  for (const component of components) encoders.push(await loadTextEncoder(component, layer, open));
  return new PromptEncoder(encoders);
}

async function loadTextEncoder(
  { graph, config, tokenizerDir }: TextComponent,
  layer: TextEncoderOptions['layer'],
  open: Open,
): Promise<TextEncoder> {
  const tokenizer = await Tokenizer.load(tokenizerDir);
  requireSameEnd(graph, config, tokenizer);
  const { max_position_embeddings: positions, vocab_size: vocabulary } = config;
  const encoder = new TextEncoder(await open(graph), tokenizer, { positions, vocabulary, layer });
  if (vocabulary === undefined) await encoder.checkTokenizer();
  return encoder;
}

/** What CLIP's configurations said for years, whatever their tokenizer. */
const NO_END = 2;

/** @throws ModelError when the encoder's configuration ends a text with another token */
function requireSameEnd(graph: string, { eos_token_id: end }: TextEncoderConfig, tokenizer: Tokenizer): void {
  if (typeof end !== 'number' || end === NO_END || end === tokenizer.endId) return;
  throw new ModelError(
    `${tokenizer.dir} ends a text with id ${tokenizer.endId}, the configuration beside ${graph} with ${end}: ` +
      'they are of different models, take both from the same one',
  );
}

async function loadSafetyChecker({ graph, preprocessor }: SafetyComponent, open: Open): Promise<SafetyChecker> {
  return new SafetyChecker(await open(graph), preprocessor);
}

/** Pixels that the model was made for: as the graph fixes them, as the folder says, or the usual 512. */
function sizeOf({ card, unet: { config } }: ModelFolder, unet: Unet, factor: number): Size {
  if (unet.fixedSize) return { width: unet.fixedSize.width * factor, height: unet.fixedSize.height * factor };
  if (card.width && card.height) return { width: card.width, height: card.height };
  const sample = config.sample_size;
  const [height, width] = typeof sample === 'number' ? [sample, sample] : (sample ?? []);
  return height && width ? { width: width * factor, height: height * factor } : { width: 512, height: 512 };
}

/** A UNet halves its latents from level to level: what is halved must be even. */
function latentSizeOf({ width, height }: Size, { unet: { config } }: ModelFolder, factor: number): Size {
  const multiple = factor * 2 ** Math.max(0, (config.block_out_channels?.length ?? 1) - 1);
  if (width % multiple !== 0 || height % multiple !== 0) {
    throw new ModelError(`${width} x ${height} pixels: this model takes multiples of ${multiple} only`);
  }
  return { width: width / factor, height: height / factor };
}
