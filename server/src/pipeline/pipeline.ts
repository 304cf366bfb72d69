import { LRUCache } from 'lru-cache';
import { classOf } from './conditions/class-label.js';
import { guidanceEmbedding } from './conditions/guidance-embedding.js';
import { ModelError } from './errors.js';
import { loadModel, type LoadedModel, type LoadOptions } from './folder/load-model.js';
import { readModelFolder, type ModelFolder } from './folder/model-folder.js';
import { guidanceOf, kindOf, type GuidanceKind, type ModelKind } from './model-kind.js';
import type { KeptGraphOptions } from './graphs/optimised-graph.js';
import type { Size } from './graphs/pixels.js';
import { seededNoise, type NoiseSource } from './random.js';
import { Row } from './sample.js';
import type { Sampler } from './schedulers/sampler.js';
import type { StepRequest } from './schedulers/scheduler.js';
import { zeroPrompt, type PromptEmbedding } from './conditions/prompt-encoder.js';
import { finite } from './graphs/tensor.js';
import type { UnetRow } from './graphs/unet.js';
import { picturesOf, type Decoded } from './graphs/vae-decoder.js';

export interface PipelineOptions extends Partial<KeptGraphOptions> {
  /** A folder whose autoencoder goes before the model's own. */
  readonly vaeDir?: string | undefined;
  /** Pixels of the pictures; without it the size that the model was made for. */
  readonly size?: Size | undefined;
  /** Another way through a consistency model's points than its own. */
  readonly sampler?: Sampler | undefined;
  /** Whether pictures are judged where the folder has a safety checker; true without it. */
  readonly safetyChecker?: boolean;
  /** How graphs are opened, for who has opened them already. */
  readonly open?: LoadOptions['open'];
  /** Bytes of prompt embeddings that are kept. */
  readonly promptCacheBytes?: number;
}

export interface PipelineInfo {
  /** The folder's name. */
  readonly id: string;
  readonly name: string;
  /** Pixels of every picture. */
  readonly width: number;
  readonly height: number;
  readonly kind: ModelKind;
  /** Pixels that one latent spans each way. */
  readonly vaeFactor: number;
  /** Whether pictures are judged before they are shown. */
  readonly isJudged: boolean;
  readonly device: string;
  readonly guidance: GuidanceKind;
  readonly defaults: {
    readonly prompt?: string;
    readonly strength?: number;
    readonly steps?: number;
    readonly guidance?: number;
  };
  /** Prompts and colours that show what the model is good at. */
  readonly prompts: readonly string[];
  readonly palette: readonly string[];
  /** Steps beyond which its pictures become no finer, where it has such a number; 0: no refinement. */
  readonly refineSteps?: number | undefined;
}

export interface BeginRequest extends StepRequest {
  /** Scaled latents of the sketch; null paints from the prompt alone, at full strength. */
  readonly latents: Float32Array | null;
  readonly prompt: PromptEmbedding;
  readonly negativePrompt?: PromptEmbedding | undefined;
  readonly guidance: number;
  readonly seed: number;
  /** In place of the noise that belongs to the seed. */
  readonly noise?: NoiseSource | undefined;
}

export interface ImageRequest extends StepRequest {
  /** RGB, `height * width * 3` bytes; null paints from the prompt alone, at full strength. */
  readonly picture: Uint8Array | null;
  readonly prompt: string;
  readonly negativePrompt?: string;
  readonly guidance: number;
  readonly seed: number;
  /** In place of the noise that belongs to the seed. */
  readonly noise?: NoiseSource | undefined;
}

export interface ImageTiming {
  readonly encodePromptMs: number;
  readonly vaeEncodeMs: number;
  readonly unetMs: number;
  /** The judging of the picture included. */
  readonly vaeDecodeMs: number;
  readonly totalMs: number;
}

export interface ImageResult {
  /** RGB, `height * width * 3` bytes. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** UNet calls it took. */
  readonly steps: number;
  /** Whether the model's safety checker would not have it shown. */
  readonly flagged: boolean;
  readonly timing: ImageTiming;
}

const DEFAULTS = {
  device: 'cpu',
  deviceId: 0,
  threads: 0,
  safetyChecker: true,
  promptCacheBytes: 32 << 20,
} as const;
const SEEDS_KEPT = 32;
const NO_PROMPT: PromptEmbedding = { hidden: new Float32Array(0), tokens: 0, width: 0 };

/**
 * Loads any model folder in the diffusers / Optimum layout.
 *
 * @throws ModelError in one line: what is missing or does not fit, and what to do
 */
export async function loadPipeline(dir: string, options: PipelineOptions = {}): Promise<LcmPipeline> {
  return assemblePipeline(await readModelFolder(dir, options.vaeDir), options);
}

/** The same for a folder that was read already, or put together from graphs that lie elsewhere. */
export async function assemblePipeline(folder: ModelFolder, options: PipelineOptions = {}): Promise<LcmPipeline> {
  const settings = { ...DEFAULTS, ...options, size: options.size };
  const model = await loadModel(folder, settings);
  const emptyPrompt = (await model.promptEncoder?.encodePrompt('')) ?? NO_PROMPT;
  if (model.promptEncoder) requireFittingPrompt(folder, model, emptyPrompt);
  const { height, width } = model.latentShape;
  const { name = folder.id, defaults, prompts, palette, refineSteps } = folder.card;
  const info: PipelineInfo = {
    id: folder.id,
    name,
    width: width * model.vaeFactor,
    height: height * model.vaeFactor,
    kind: kindOf(model),
    vaeFactor: model.vaeFactor,
    isJudged: model.safetyChecker !== undefined,
    device: settings.device,
    guidance: guidanceOf(model),
    defaults,
    prompts,
    palette,
    refineSteps,
  };
  const negativePrompt = folder.zeroEmptyPrompt ? zeroPrompt(emptyPrompt) : emptyPrompt;
  return new LcmPipeline(info, model, negativePrompt);
}

function requireFittingPrompt(folder: ModelFolder, { unet }: LoadedModel, prompt: PromptEmbedding): void {
  const { dir } = folder;
  const { width, tokens, pooled } = prompt;
  const { cross_attention_dim: declared } = folder.unet.config;
  const usualWidth = typeof declared === 'number' ? declared : width;
  const { promptWidth = usualWidth, promptTokens = tokens, takesPooled, pooledWidth = pooled?.length } = unet;
  if (!unet.takesText) throw new ModelError(`${dir}: the unet has no input encoder_hidden_states, it reads no prompt`);
  const differ = (given: number, wanted: number, per: string): ModelError =>
    new ModelError(
      `${dir}: the text encoders give ${given} numbers a ${per}, the unet takes ${wanted}: they are of different models`,
    );
  if (width !== promptWidth) throw differ(width, promptWidth, 'token');
  if (tokens !== promptTokens) {
    throw new ModelError(
      `${dir}: the text encoders give ${tokens} tokens, the unet takes ${promptTokens}: export both for the same length`,
    );
  }
  if (takesPooled && !pooled) {
    throw new ModelError(`${dir}: text_encoder_2 gives no text_embeds: export it with its projection`);
  }
  if (takesPooled && pooled!.length !== pooledWidth) throw differ(pooled!.length, pooledWidth!, 'prompt');
}

/**
 * Text and picture to picture, for every kind of model that is served. A picture is a row from `begin` on; `step` moves
 * any number of rows on together, each at its own point, and what a row holds never depends on the others.
 */
export class LcmPipeline {
  readonly info: PipelineInfo;
  readonly #model: LoadedModel;
  readonly #latentSize: number;
  readonly #prompts: LRUCache<string, PromptEmbedding>;
  readonly #noise: LRUCache<number, NoiseSource>;
  readonly #guidance = new LRUCache<number, Float32Array>({ max: 64 });
  readonly #noNegativePrompt: PromptEmbedding;

  /** @param noNegativePrompt what guidance leads away from where nobody says */
  constructor(info: PipelineInfo, model: LoadedModel, noNegativePrompt: PromptEmbedding) {
    this.info = info;
    this.#model = model;
    this.#noNegativePrompt = noNegativePrompt;
    const { channels, height, width } = model.latentShape;
    this.#latentSize = channels * height * width;
    this.#prompts = new LRUCache({
      maxSize: model.promptCacheBytes,
      sizeCalculation: ({ hidden, pooled }, text) => hidden.byteLength + (pooled?.byteLength ?? 0) + 2 * text.length,
    });
    this.#noise = new LRUCache({ max: SEEDS_KEPT });
  }

  /** Whether rows at different timesteps share a UNet call; if not, `step` makes a call for each timestep. */
  get mixedTimesteps(): boolean {
    return this.#model.unet.mixedTimesteps;
  }

  /** Rows of the UNet batch that one picture takes. */
  rowsPerFrame(guidance: number): 1 | 2 {
    return this.info.guidance === 'rows' && guidance > 1 ? 2 : 1;
  }

  /** What of a request can be run; a service tells its clients these values. */
  effective({ steps, strength }: StepRequest): StepRequest {
    return this.#model.scheduler.effective({ steps: Math.max(1, Math.trunc(steps)), strength: Math.min(1, strength) });
  }

  /** The prompt as the UNet reads it. Kept, least recently used first out; text beyond the model's tokens is cut. */
  async encodePrompt(text: string): Promise<PromptEmbedding> {
    if (!this.#model.promptEncoder) return { ...NO_PROMPT, classLabel: classOf(text, this.#model.unet.classes) };
    const known = this.#prompts.get(text);
    if (known) return known;
    const embedding = await this.#model.promptEncoder.encodePrompt(text);
    this.#prompts.set(text, embedding);
    return embedding;
  }

  /** The same for what guidance leads away from; undefined where there is nothing named. */
  async encodeNegativePrompt(text: string): Promise<PromptEmbedding | undefined> {
    return text === '' || this.info.guidance !== 'rows' ? undefined : this.encodePrompt(text);
  }

  /** Prompts that are kept, and the bytes they take. */
  get promptCache(): { readonly prompts: number; readonly bytes: number } {
    return { prompts: this.#prompts.size, bytes: this.#prompts.calculatedSize };
  }

  /**
   * Scaled latents of pictures, all in one call.
   *
   * @param pictures RGB, `height * width * 3` bytes each
   * @param noise draws from the autoencoder's posterior; live use takes its mean
   * @throws RangeError when a picture has another size
   */
  vaeEncode(pictures: readonly Uint8Array[], noise?: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.#model.vaeEncoder.vaeEncode(pictures, this.info, noise);
  }

  /**
   * A picture's row, noised and ready for its first step.
   *
   * @throws ModelError when the latents are not finite, or noise was given that is not of their shape
   */
  begin(request: BeginRequest): Row {
    const { latents, guidance, seed } = request;
    const strength = latents ? request.strength : 1;
    const { scheduler, unet, vaeEncoder } = this.#model;
    if (latents && !finite(latents)) throw vaeEncoder.notFinite();
    const plan = scheduler.plan(this.effective({ steps: request.steps, strength }));
    const noise = request.noise ?? this.#noiseOf(seed);
    if (request.noise) this.#requireLatents(noise(0));
    const { classLabel = unet.classes && seed % unet.classes, ...prompt } = request.prompt;
    return new Row({
      plan,
      latents: scheduler.begin(plan, latents, noise(0)),
      prompt: { ...prompt, classLabel },
      negativePrompt:
        this.rowsPerFrame(guidance) === 2 ? (request.negativePrompt ?? this.#noNegativePrompt) : undefined,
      guidance,
      noise,
    });
  }

  /**
   * One UNet call for all rows, each at its own timestep; then each is one step on, and `denoised` is its picture so far,
   * or `failure` says that its numbers are not finite.
   */
  async step(rows: readonly Row[]): Promise<void> {
    const inputs = rows.flatMap((row) => this.#unetRows(row));
    const outputs = await this.#model.unet.run(inputs, this.#model.latentShape);
    let next = 0;
    for (const row of rows) {
      const conditioned = outputs[next++]!;
      const output = row.negativePrompt ? guide(conditioned, outputs[next++]!, row.guidance) : conditioned;
      this.#advance(row, output);
    }
  }

  /** @returns RGB, `height * width * 3` bytes each, all in one call; an error in place of a picture that is not finite */
  vaeDecode(latents: readonly Float32Array[]): Promise<Decoded[]> {
    return this.#model.vaeDecoder.vaeDecode(latents, this.#model.latentShape);
  }

  /** Whether each picture should not be shown, by the model's own safety checker; never without one. */
  async judge(pictures: readonly Uint8Array[]): Promise<boolean[]> {
    return this.#model.safetyChecker?.judge(pictures, this.info) ?? pictures.map(() => false);
  }

  /** The whole way for one picture. */
  async img2img(request: ImageRequest): Promise<ImageResult> {
    const started = performance.now();
    const prompt = await this.encodePrompt(request.prompt);
    const negativePrompt = await this.encodeNegativePrompt(request.negativePrompt ?? '');
    const prompted = performance.now();
    const [latents = null] = request.picture ? await this.vaeEncode([request.picture]) : [];
    const encoded = performance.now();
    const row = this.begin({ ...request, latents, prompt, negativePrompt });
    while (!row.done) await this.step([row]);
    if (row.failure) throw row.failure;
    const denoised = performance.now();
    const pixels = picturesOf(await this.vaeDecode([row.denoised]));
    const [flagged] = await this.judge(pixels);
    const ended = performance.now();
    const timing = {
      encodePromptMs: prompted - started,
      vaeEncodeMs: encoded - prompted,
      unetMs: denoised - encoded,
      vaeDecodeMs: ended - denoised,
      totalMs: ended - started,
    };
    return { pixels: pixels[0]!, steps: row.steps, flagged: flagged!, timing };
  }

  /** Frees the graphs. Nothing else may be called afterwards. */
  async dispose(): Promise<void> {
    const { unet, promptEncoder, vaeEncoder, vaeDecoder, safetyChecker } = this.#model;
    for (const graph of [unet, promptEncoder, vaeEncoder, vaeDecoder, safetyChecker]) await graph?.dispose();
  }

  #unetRows(row: Row): UnetRow[] {
    const timestep = row.timestep;
    if (timestep === undefined) throw new Error('a row that is done cannot be moved on');
    const scale = this.#model.scheduler.inputScale(row.plan, row.index);
    const guidance = this.#guidanceOf(row.guidance);
    const size = this.info;
    const prompts = row.negativePrompt ? [row.prompt, row.negativePrompt] : [row.prompt];
    return prompts.map((prompt) => ({ latents: row.latents, scale, timestep, prompt, guidance, size }));
  }

  #advance(row: Row, output: Float32Array): void {
    const { plan, index, latents, denoised } = row;
    const { scheduler, unet } = this.#model;
    const noise = scheduler.wantsNoise(plan, index) ? row.noise(index + 1) : undefined;
    scheduler.step(plan, index, { latents, output, denoised, noise });
    // Some schedules clamp what they estimate, which would hide an answer that is infinite.
    if (!finite(output) || !finite(denoised)) row.failure ??= unet.notFinite();
    row.advance();
  }

  #requireLatents(noise: Float32Array): void {
    if (noise.length === this.#latentSize) return;
    const { channels, height, width } = this.#model.latentShape;
    throw new ModelError(
      `the noise has ${noise.length} numbers a step, the latents ${channels} x ${height} x ${width}: make it in that shape`,
    );
  }

  #noiseOf(seed: number): NoiseSource {
    const known = this.#noise.get(seed);
    if (known) return known;
    const noise = seededNoise(seed, this.#latentSize);
    this.#noise.set(seed, noise);
    return noise;
  }

  #guidanceOf(guidance: number): Float32Array | undefined {
    const { guidanceWidth } = this.#model.unet;
    if (guidanceWidth === 0) return undefined;
    const known = this.#guidance.get(guidance);
    if (known) return known;
    const embedding = guidanceEmbedding(guidance, guidanceWidth);
    this.#guidance.set(guidance, embedding);
    return embedding;
  }
}

/** Classifier-free guidance (Ho and Salimans 2022): away from the unconditioned answer, by `scale`. */
function guide(conditioned: Float32Array, unconditioned: Float32Array, scale: number): Float32Array {
  return conditioned.map((value, i) => unconditioned[i]! + scale * (value - unconditioned[i]!));
}
