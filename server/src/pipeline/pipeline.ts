import type { ConditionRequest } from './conditions/condition.js';
import { ModelError } from './errors.js';
import { rowsPerPicture } from './family.js';
import { loadModel, type LoadedModel, type LoadOptions } from './folder/load-model.js';
import { readModelFolder, type ModelFolder } from './folder/model-folder.js';
import type { Dtype } from './folder/variants.js';
import { picturesOf, type Decoded } from './graphs/codec.js';
import { finite } from './graphs/tensor.js';
import type { UnetRow } from './graphs/unet.js';
import { infoOf, type PipelineInfo } from './info.js';
import { SeededNoises, type NoiseSource } from './noise.js';
import { Sample } from './sample.js';
import type { StepRequest } from './schedulers/scheduler.js';

export interface PipelineOptions extends Partial<LoadOptions> {
  /** A folder whose autoencoder replaces the model's own. */
  readonly vaeDir?: string | undefined;
  /** The type of numbers of the graphs to take; by default the plain graphs, whatever theirs is. */
  readonly dtype?: Dtype | undefined;
}

/** A picture to begin. */
export interface BeginRequest extends StepRequest, ConditionRequest {
  /** Scaled latents of the sketch; null starts from noise alone, at full strength. */
  readonly latents: Float32Array | null;
  /** Replaces the noise of the seed. */
  readonly noise?: NoiseSource | undefined;
}

/** A picture to make. */
export interface ImageRequest extends StepRequest, ConditionRequest {
  /** RGB, `height * width * 3` bytes; null paints from the prompt alone, at full strength. */
  readonly picture: Uint8Array | null;
  /** Replaces the noise of the seed. */
  readonly noise?: NoiseSource | undefined;
}

export interface ImageTiming {
  readonly encodePromptMs: number;
  readonly vaeEncodeMs: number;
  readonly unetMs: number;
  /** The safety checker included. */
  readonly vaeDecodeMs: number;
  readonly totalMs: number;
}

export interface ImageResult {
  /** RGB, `height * width * 3` bytes. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** UNet calls it took. */
  readonly steps: number;
  /** Whether the model's safety checker flagged it. */
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

/**
 * Loads any model folder in the diffusers / Optimum layout.
 *
 * @throws ModelError in one line: the fault and a remedy
 */
export async function loadPipeline(dir: string, options: PipelineOptions = {}): Promise<Pipeline> {
  return assemblePipeline(await readModelFolder(dir, options.vaeDir, options.dtype), options);
}

/** The same for a folder that was read already, or put together from other graphs. */
export async function assemblePipeline(folder: ModelFolder, options: PipelineOptions = {}): Promise<Pipeline> {
  const settings = { ...DEFAULTS, ...options, size: options.size };
  const model = await loadModel(folder, settings);
  return new Pipeline(infoOf(folder, model, settings.device), model);
}

/**
 * Text and picture to picture, for every family of models. A picture is a sample from `begin` on. `step` moves any number
 * of samples on together, each at its own point; none depends on the others.
 */
export class Pipeline {
  readonly info: PipelineInfo;
  readonly #model: LoadedModel;
  readonly #latentSize: number;
  readonly #noises: SeededNoises;

  constructor(info: PipelineInfo, model: LoadedModel) {
    this.info = info;
    this.#model = model;
    const { channels, height, width } = model.latentShape;
    this.#latentSize = channels * height * width;
    this.#noises = new SeededNoises(this.#latentSize);
  }

  /** Whether samples at different timesteps share a UNet call; if not, `step` makes a call for each timestep. */
  get mixedTimesteps(): boolean {
    return this.#model.unet.mixedTimesteps;
  }

  /** Prompt embeddings that are kept, and their bytes. */
  get promptCache(): { readonly prompts: number; readonly bytes: number } {
    return this.#model.prompts?.kept ?? { prompts: 0, bytes: 0 };
  }

  /** Rows of the UNet batch that one picture takes. */
  rowsPerFrame(guidance: number): 1 | 2 {
    return rowsPerPicture(this.info.guidance, guidance);
  }

  /** The nearest request that can be run; a service tells its clients these values. */
  effective({ steps, strength }: StepRequest): StepRequest {
    return this.#model.scheduler.effective({ steps: Math.max(1, Math.trunc(steps)), strength: Math.min(1, strength) });
  }

  /** Whether a sketch at this strength leaves something in the latents; if not, it need not be encoded. */
  needsLatents(strength: number): boolean {
    return strength < 1 || !this.info.startsFromNoise;
  }

  /**
   * Scaled latents of pictures, all in one call.
   *
   * @param pictures RGB, `height * width * 3` bytes each
   * @param noise draws from the autoencoder's posterior; without it, its mean is taken
   * @throws RangeError when a picture has another size
   */
  vaeEncode(pictures: readonly Uint8Array[], noise?: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.#model.codec.vaeEncode(pictures, this.info, noise);
  }

  /**
   * A picture's sample: its conditions prepared, its latents noised for the first step.
   *
   * @throws ModelError when the latents or the encoded prompt are not finite, or the noise is not of their shape
   */
  async begin(request: BeginRequest): Promise<Sample> {
    const { latents, guidance, seed } = request;
    const { scheduler, conditions, codec } = this.#model;
    if (latents && !finite(latents)) throw codec.notFinite();
    const rows = await conditions.prepare(request, this.rowsPerFrame(guidance) === 2);
    const strength = latents ? request.strength : 1;
    const plan = scheduler.plan(this.effective({ steps: request.steps, strength }));
    const noise = request.noise ?? this.#noises.of(seed);
    this.#requireLatents(noise(0));
    return new Sample({ plan, latents: plan.begin(latents, noise(0)), rows, guidance, noise });
  }

  /**
   * One UNet call for all samples, each at its own timestep. Then each is one step on: `denoised` is its picture so far,
   * or `failure` is set because its numbers are not finite.
   */
  async step(samples: readonly Sample[]): Promise<void> {
    const rows = samples.flatMap((sample) => this.#rowsOf(sample));
    const outputs = await this.#model.unet.run(rows, this.#model.latentShape);
    let next = 0;
    for (const sample of samples) {
      const [output, unguided] = outputs.slice(next, (next += sample.rows.length));
      this.#advance(sample, unguided ? guide(output!, unguided, sample.guidance) : output!);
    }
  }

  #rowsOf({ plan, index, timestep, latents, rows }: Sample): UnetRow[] {
    if (timestep === undefined) throw new Error('a sample that is done cannot be moved on');
    const scale = plan.inputScale(index);
    return rows.map((inputs) => ({ latents, scale, timestep, inputs }));
  }

  #advance(sample: Sample, output: Float32Array): void {
    const { plan, index, latents, denoised } = sample;
    const noise = plan.wantsNoise(index) ? sample.noise(index + 1) : undefined;
    plan.step(index, { latents, output, denoised, noise });
    // Some schedules clamp their estimate, which would hide an answer that is infinite.
    if (!finite(output) || !finite(denoised)) sample.failure ??= this.#model.unet.notFinite();
    sample.advance();
  }

  /** @returns RGB, `height * width * 3` bytes each, all in one call; an error in place of a picture that is not finite */
  vaeDecode(latents: readonly Float32Array[]): Promise<Decoded[]> {
    return this.#model.codec.vaeDecode(latents, this.#model.latentShape);
  }

  /** Whether the model's safety checker flags each picture; without one, none is flagged. */
  async judge(pictures: readonly Uint8Array[]): Promise<boolean[]> {
    return this.#model.safetyChecker?.judge(pictures, this.info) ?? pictures.map(() => false);
  }

  /** All of it for one picture. */
  async img2img(request: ImageRequest): Promise<ImageResult> {
    const started = performance.now();
    const isEncoded = request.picture && this.needsLatents(request.strength);
    const [latents = null] = isEncoded ? await this.vaeEncode([request.picture]) : [];
    const encoded = performance.now();
    const sample = await this.begin({ ...request, latents });
    const begun = performance.now();
    while (!sample.done) await this.step([sample]);
    if (sample.failure) throw sample.failure;
    const denoised = performance.now();
    const pixels = picturesOf(await this.vaeDecode([sample.denoised]));
    const [flagged] = await this.judge(pixels);
    const ended = performance.now();
    const timing = {
      encodePromptMs: begun - encoded,
      vaeEncodeMs: encoded - started,
      unetMs: denoised - begun,
      vaeDecodeMs: ended - denoised,
      totalMs: ended - started,
    };
    return { pixels: pixels[0]!, steps: sample.steps, flagged: flagged!, timing };
  }

  /** Frees the graphs. Nothing else may be called afterwards. */
  dispose(): Promise<void> {
    return this.#model.dispose();
  }

  #requireLatents(noise: Float32Array): void {
    if (noise.length === this.#latentSize) return;
    const { channels, height, width } = this.#model.latentShape;
    throw new ModelError(
      `the noise has ${noise.length} numbers a step, the latents ${channels} x ${height} x ${width}: make it in that shape`,
    );
  }
}

/** Classifier-free guidance (Ho and Salimans 2022): away from the unconditioned answer, by `scale`. */
function guide(conditioned: Float32Array, unconditioned: Float32Array, scale: number): Float32Array {
  return conditioned.map((value, i) => unconditioned[i]! + scale * (value - unconditioned[i]!));
}
