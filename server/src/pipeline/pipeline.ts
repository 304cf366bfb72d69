import type { ConditionRequest } from './conditions/condition.js';
import { ModelError } from './errors.js';
import { rowsPerPicture } from './family.js';
import { loadModel, type LoadedModel, type LoadOptions } from './folder/load-model.js';
import { readModelFolder, type ModelFolder } from './folder/model-folder.js';
import type { Dtype } from './folder/variants.js';
import { picturesOf, type Decoded } from './graphs/codec.js';
import type { Sketch } from './graphs/vae-encoder.js';
import { infoOf, type PipelineInfo } from './info.js';
import { SeededNoises, type NoiseSource } from './noise.js';
import { Sample, type SampleOptions } from './sample.js';
import type { StepRequest } from './schedulers/scheduler.js';

export interface PipelineOptions extends Partial<LoadOptions> {
  /** A folder whose autoencoder replaces the model's own. */
  readonly vaeDir?: string | undefined;
  /** The type of numbers of the graphs to take; by default the plain graphs, whatever theirs is. */
  readonly dtype?: Dtype | undefined;
}

/** A picture to make. */
export interface ImageRequest extends StepRequest, ConditionRequest {
  /** The sketch: RGB, `height * width * 3` bytes; null paints from the prompt alone, at full strength. */
  readonly picture: Uint8Array | null;
  /** The picture that is encoded; null for none. By default it is the sketch, if the strength leaves something of it. */
  readonly start?: Uint8Array | null | undefined;
  /** Replaces the noise of the seed. */
  readonly noise?: NoiseSource | undefined;
  /** Draws from the autoencoder's posterior; without it, its mean is taken. */
  readonly posteriorNoise?: Float32Array | undefined;
}

/** A sample whose picture is not encoded yet. */
interface Prepared {
  readonly request: ImageRequest;
  readonly options: Omit<SampleOptions, 'latents'>;
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

  /**
   * The samples of pictures: their conditions prepared, their sketches encoded and noised for the first step, all in one
   * call.
   *
   * @returns an error for a sample with latents or a prompt that are not finite, or with noise of another shape; the others
   * begin
   * @throws RangeError when a picture has another size
   */
  async begin(requests: readonly ImageRequest[]): Promise<Begun[]> {
    const prepared: (Prepared | ModelError)[] = [];
    for (const request of requests) prepared.push(await this.#prepare(request).catch(modelError));
    return this.#encode(prepared);
  }

  async #prepare(request: ImageRequest): Promise<Prepared> {
    const { guidance, seed, steps } = request;
    const rows = await this.#model.conditions.prepare(request, this.rowsPerFrame(guidance) === 2);
    const strength = this.#startOf(request) ? request.strength : 1;
    const plan = this.#model.scheduler.plan(this.effective({ steps, strength }));
    const noise = request.noise ?? this.#noises.of(seed);
    this.#requireLatents(noise(0));
    return { request, options: { plan, rows, guidance, noise } };
  }

  async #encode(prepared: readonly (Prepared | ModelError)[]): Promise<Begun[]> {
    const sketched = new Map<Prepared, Sketch>();
    for (const one of prepared) {
      const sketch = one instanceof ModelError ? undefined : this.#sketchOf(one);
      if (sketch) sketched.set(one as Prepared, sketch);
    }
    const { codec, latentShape } = this.#model;
    const encoded = sketched.size > 0 ? await codec.encode([...sketched.values()], this.info, latentShape) : [];
    const latents = new Map([...sketched.keys()].map((one, i) => [one, encoded[i]!]));
    return prepared.map((one) => {
      if (one instanceof ModelError) return one;
      const start = latents.get(one);
      return start instanceof ModelError ? start : new Sample({ ...one.options, latents: start });
    });
  }

  #sketchOf({ request, options: { plan, noise } }: Prepared): Sketch | undefined {
    const picture = this.#startOf(request);
    if (!picture) return undefined;
    return { picture, noise: noise(0), shares: plan.start, posteriorNoise: request.posteriorNoise };
  }

  /** The picture to encode: none where nothing of it would be left in the latents. */
  #startOf({ picture, start, strength }: ImageRequest): Uint8Array | null {
    if (start !== undefined) return start;
    return strength < 1 || !this.info.startsFromNoise ? picture : null;
  }

  /**
   * One UNet call for all samples, each at its own timestep. Then each is one step on: `denoised` is its picture so far,
   * or `failure` is set because its numbers are not finite.
   *
   * @param estimated those whose picture is wanted though they have more steps to go; the others have none until they are done
   */
  async step(samples: readonly Sample[], estimated: readonly Sample[] = []): Promise<void> {
    const { unet, latentShape } = this.#model;
    const rows = samples.map((sample) => sample.toStep(estimated.includes(sample)));
    const stepped = await unet.step(rows, latentShape);
    for (const [i, sample] of samples.entries()) {
      sample.advance(stepped[i]!);
      if (!stepped[i]!.isFinite) sample.failure ??= unet.notFinite();
    }
  }

  /** @returns RGB, `height * width * 3` bytes each, all in one call; an error in place of a picture that is not finite */
  vaeDecode(latents: readonly Float32Array[]): Promise<Decoded[]> {
    return this.#model.codec.decode(latents, this.#model.latentShape);
  }

  /** Whether the model's safety checker flags each picture; without one, none is flagged. */
  async judge(pictures: readonly Uint8Array[]): Promise<boolean[]> {
    return this.#model.safetyChecker?.judge(pictures, this.info) ?? pictures.map(() => false);
  }

  /** All of it for one picture. */
  async img2img(request: ImageRequest): Promise<ImageResult> {
    const started = performance.now();
    const prepared = await this.#prepare(request);
    const begun = performance.now();
    const [sample] = await this.#encode([prepared]);
    if (sample instanceof ModelError) throw sample;
    const encoded = performance.now();
    while (!sample!.done) await this.step([sample!]);
    if (sample!.failure) throw sample!.failure;
    const denoised = performance.now();
    const pixels = picturesOf(await this.vaeDecode([sample!.denoised]));
    const [flagged] = await this.judge(pixels);
    const ended = performance.now();
    const timing = {
      encodePromptMs: begun - started,
      vaeEncodeMs: encoded - begun,
      unetMs: denoised - encoded,
      vaeDecodeMs: ended - denoised,
      totalMs: ended - started,
    };
    return { pixels: pixels[0]!, steps: sample!.steps, flagged: flagged!, timing };
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

/** A sample, or the reason for having none. */
export type Begun = Sample | ModelError;

/** @throws ModelError the first error in place of a sample */
export function samplesOf(begun: readonly Begun[]): Sample[] {
  return begun.map((sample) => {
    if (sample instanceof ModelError) throw sample;
    return sample;
  });
}

function modelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  throw error;
}
