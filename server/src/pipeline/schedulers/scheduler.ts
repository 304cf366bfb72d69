import type * as v from 'valibot';
import type { Fields } from '../fields.js';
import type { Sampler } from './sampler.js';

/** How many steps of which strength a request asks for. */
export interface StepRequest {
  readonly steps: number;
  /** 0..1: how far the sketch is noised before it is painted anew. */
  readonly strength: number;
}

/** The points that one picture goes through, worked out once when it begins. */
export interface Plan {
  /** Training timesteps, falling, one for each UNet call. */
  readonly timesteps: readonly number[];
}

/** One UNet call of one picture. All arrays are latents of the same size; `denoised` and `latents` are written. */
export interface StepArrays {
  /** The noised latents the UNet was given; replaced by those for the next step. */
  readonly latents: Float32Array;
  /** What the UNet answered. */
  readonly output: Float32Array;
  /** Filled with the estimate of the noise-free latents: a picture already, after any step. */
  readonly denoised: Float32Array;
  /** Standard normal; asked for only where `wantsNoise` says so. */
  readonly noise: Float32Array | undefined;
}

/**
 * What a model was trained to be, as far as its schedule says so: a `consistency` model of latents or of `pixels`, a
 * `diffusion` model, or `turbo`: one distilled into a few unguided steps.
 */
export type Training = 'consistency' | 'pixels' | 'turbo' | 'diffusion';

/** The noise schedule of one kind of model. It keeps no state of its own: rows at different points share it. */
export interface Scheduler {
  readonly training: Training;
  /** What of a request can be run: never more steps than the schedule has, never fewer than one. */
  effective(request: StepRequest): StepRequest;
  /** @param request one that `effective` gave, else it may throw a RangeError */
  plan(request: StepRequest): Plan;
  /** Noises clean latents to where `plan` starts; null starts from nothing but noise. */
  begin(plan: Plan, clean: Float32Array | null, noise: Float32Array): Float32Array;
  /** The factor that the latents are multiplied by before the UNet sees them at step `index`. */
  inputScale(plan: Plan, index: number): number;
  wantsNoise(plan: Plan, index: number): boolean;
  step(plan: Plan, index: number, arrays: StepArrays): void;
}

/**
 * How strength shortens the schedule of a consistency model. `rescaled`: the steps are spread over its lower part and all
 * of them run, as diffusers' latent consistency pipelines do it. `truncated`: only the last steps of the full schedule run,
 * as its other img2img pipelines do it.
 */
export type StrengthRule = 'rescaled' | 'truncated';

export interface SchedulerOptions {
  readonly rule: StrengthRule;
  /** Another way through a consistency model's points than its own. */
  readonly sampler?: Sampler | undefined;
}

/** One class of diffusers that is served. */
export interface SchedulerKind {
  /** `_class_name` in `scheduler_config.json`. */
  readonly name: string;
  /** The fields that this class reads. Those it does not read it ignores, as diffusers does. */
  readonly schema: v.GenericSchema<unknown, Fields & { readonly num_train_timesteps: number }>;
  /** The ways through its points that it knows. */
  readonly samplers: readonly Sampler[];
  /** What its models are made for, in words for an error message. */
  readonly purpose: string;
  /** @throws ModelError when a field is not allowed */
  create(config: Fields, options: SchedulerOptions): Scheduler;
}

/** The last share of a full schedule that img2img runs of: diffusers' rule for every pipeline but the LCM ones. */
export function stepsRun({ steps, strength }: StepRequest): number {
  return Math.min(Math.trunc(steps * strength), steps);
}

/** Enough steps that at least one of them is run at this strength. */
export function atLeastOneRun({ steps, strength }: StepRequest): StepRequest {
  let enough = Math.max(steps, 1);
  while (stepsRun({ steps: enough, strength }) < 1) enough++;
  return { steps: enough, strength };
}
