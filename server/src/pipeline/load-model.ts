import { ModelError } from './errors.js';
import type { ComponentConfig, ModelFolder, TextComponent } from './model-folder.js';
import { Graph, type GraphOptions } from './ort.js';
import type { Size } from './pixels.js';
import { createScheduler } from './schedulers/create-scheduler.js';
import type { Sampler } from './schedulers/sampler.js';
import type { Scheduler } from './schedulers/scheduler.js';
import { TextEncoder } from './text-encoder.js';
import { Tokenizer } from './tokenizer.js';
import { Unet, type LatentShape } from './unet.js';
import { VaeDecoder } from './vae-decoder.js';
import { VaeEncoder, type LatentScaling } from './vae-encoder.js';

/** A folder's graphs and schedule, ready to run. */
export interface LoadedModel {
  readonly scheduler: Scheduler;
  readonly textEncoder: TextEncoder | undefined;
  readonly unet: Unet;
  readonly vaeEncoder: VaeEncoder;
  readonly vaeDecoder: VaeDecoder;
  readonly latentShape: LatentShape;
  /** Pixels that one latent spans each way. */
  readonly vaeFactor: number;
  readonly promptCacheBytes: number;
}

export interface LoadOptions extends GraphOptions {
  readonly promptCacheBytes: number;
  /** Pixels of the pictures; without it the size that the model was made for. */
  readonly size: Size | undefined;
  /** Another way through a consistency model's points than its own. */
  readonly sampler?: Sampler | undefined;
}

/** @throws ModelError when a graph does not load or does not fit the others */
export async function loadModel(folder: ModelFolder, options: LoadOptions): Promise<LoadedModel> {
  const open = (path: string): Promise<Graph> => Graph.open(path, options);
  // Small graphs first: what is missing or broken should be told before a large one is read.
  const textEncoder = folder.textEncoder && (await loadTextEncoder(folder.textEncoder, open));
  const unetConfig = folder.unet.config;
  const unet = new Unet(await open(folder.unet.graph), unetConfig.time_cond_proj_dim ?? undefined);
  const isLatentConsistency = unet.guidanceWidth > 0 || folder.pipelineClass.startsWith('LatentConsistency');
  const scheduler = createScheduler(folder.scheduler, isLatentConsistency ? 'rescaled' : 'truncated', options.sampler);

  const vaeDecoder = new VaeDecoder(await open(folder.vaeDecoder.graph), scalingOf(folder.vaeDecoder.config));
  const channels = unet.channels ?? unetConfig.in_channels ?? vaeDecoder.channels ?? 4;
  const vaeFactor = await vaeDecoder.probeFactor(channels);
  const size = options.size ?? sizeOf(folder, unet, vaeFactor);
  const vaeEncoder = new VaeEncoder(await open(folder.vaeEncoder.graph), {
    scaling: scalingOf(folder.vaeEncoder.config),
    channels,
  });
  const latentShape = { channels, ...latentSizeOf(size, vaeFactor) };
  const { promptCacheBytes } = options;
  return { scheduler, textEncoder, unet, vaeEncoder, vaeDecoder, latentShape, vaeFactor, promptCacheBytes };
}

async function loadTextEncoder(
  { graph, config, tokenizerDir }: TextComponent,
  open: (path: string) => Promise<Graph>,
): Promise<TextEncoder> {
  const tokenizer = await Tokenizer.load(tokenizerDir);
  return new TextEncoder(await open(graph), tokenizer, config.max_position_embeddings);
}

/** Where nothing is written down, what diffusers takes: 1 for the tiny autoencoder, else Stable Diffusion's. */
function scalingOf(config: ComponentConfig): LatentScaling {
  const usual = config._class_name === 'AutoencoderTiny' ? 1 : 0.18215;
  return { factor: config.scaling_factor ?? usual, shift: config.shift_factor ?? 0 };
}

/** Pixels that the model was made for: as the graph fixes them, as the folder says, or the usual 512. */
function sizeOf({ card, unet: { config } }: ModelFolder, unet: Unet, factor: number): Size {
  if (unet.fixedSize) return { width: unet.fixedSize.width * factor, height: unet.fixedSize.height * factor };
  if (card.width && card.height) return { width: card.width, height: card.height };
  const sample = config.sample_size;
  const [height, width] = typeof sample === 'number' ? [sample, sample] : (sample ?? []);
  return height && width ? { width: width * factor, height: height * factor } : { width: 512, height: 512 };
}

function latentSizeOf({ width, height }: Size, factor: number): Size {
  if (width % factor !== 0 || height % factor !== 0) {
    throw new ModelError(`${width} x ${height} pixels: the autoencoder takes multiples of ${factor} only`);
  }
  return { width: width / factor, height: height / factor };
}
