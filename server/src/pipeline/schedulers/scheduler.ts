import type * as v from 'valibot';
import type { Fields } from '../fields.js';
import type { Sampler } from './sampler.js';

/** The steps and the strength that a request asks for. */
export interface StepRequest {
  readonly steps: number;
  /** 0..1: how far the sketch is noised before it is painted over. */
  readonly strength: number;
}

/** The arrays of one UNet call of one picture: latents of the same size. `latents` and `denoised` are written. */
export interface StepArrays {
  /** The noised latents of this step; replaced by those for the next one. */
  readonly latents: Float32Array;
  /** The UNet's answer. */
  readonly output: Float32Array;
  /** Filled with the estimate of the clean latents: a picture already, after any step. */
  readonly denoised: Float32Array;
  /** Standard normal; undefined where `wantsNoise` is false. */
  readonly noise: Float32Array | undefined;
}

/**
 * The steps of one picture, worked out once when it begins, with all the arithmetic of its schedule. It keeps no state.
 */
export interface Plan {
  /** Training timesteps, falling, one for each UNet call. */
  readonly timesteps: readonly number[];
  /** Noises clean latents to the first timestep; null starts from noise alone. */
  begin(clean: Float32Array | null, noise: Float32Array): Float32Array;
  /** The latents are multiplied by this before the UNet sees them at step `index`. */
  inputScale(index: number): number;
  /** Whether step `index` adds fresh noise. */
  wantsNoise(index: number): boolean;
  /** Moves the latents on from step `index`. */
  step(index: number, arrays: StepArrays): void;
}

/**
 * The kind of training that a model had, as far as its schedule says: a `consistency` model of latents or of `pixels`,
 * a `diffusion` model, or `turbo`, one distilled into a few unguided steps.
 */
export type Training = 'consistency' | 'pixels' | 'turbo' | 'diffusion';

/** The noise schedule of one model. */
export interface Scheduler {
  /** The nearest request that can be run: at most as many steps as the schedule has, and at least one. */
  effective(request: StepRequest): StepRequest;
  /** @param request one that `effective` returned; others may throw a RangeError */
  plan(request: StepRequest): Plan;
}

/**
 * How strength shortens the schedule of a consistency model. `rescaled`: all steps run, spread over its lower part, as
 * in diffusers' latent consistency pipelines. `truncated`: only the last steps of the full schedule run, as in its
 * other img2img pipelines.
 */
export type StrengthRule = 'rescaled' | 'truncated';

export interface SchedulerOptions {
  readonly rule: StrengthRule;
  /** A sampler other than the model's own, for consistency models. */
  readonly sampler?: Sampler | undefined;
}

/** The fields that every schema reads. */
export type ScheduleFields = Fields & { readonly num_train_timesteps: number };

/** A scheduler of diffusers. Each has one file, which exports one of these, and one line in served.ts. */
export interface SchedulerKind {
  /** Values of `_class_name` in `scheduler_config.json`. */
  readonly names: readonly string[];
  /** The fields that the class reads. It ignores all others, as diffusers does. */
  readonly schema: v.GenericSchema<unknown, ScheduleFields>;
  /** Samplers that the user may choose. */
  readonly samplers: readonly Sampler[];
  /** What its models are, in words for an error message. */
  readonly purpose: string;
  /** @throws ModelError when a field is not allowed */
  training(config: Fields): Training;
  /** @throws ModelError when a field is not allowed */
  create(config: Fields, options: SchedulerOptions): Scheduler;
}

/** Steps at the end of the full schedule that img2img runs: the rule of all diffusers pipelines but the LCM ones. */
export function stepsRun({ steps, strength }: StepRequest): number {
  return Math.min(Math.trunc(steps * strength), steps);
}

/** Raises the steps until at least one of them runs at this strength. */
export function atLeastOneRun({ steps, strength }: StepRequest): StepRequest {
  let enough = Math.max(steps, 1);
  while (stepsRun({ steps: enough, strength }) < 1) enough++;
  return { steps: enough, strength };
}
