import type * as v from 'valibot';
import type { Fields } from '../fields.js';
import type { Sampler } from './sampler.js';

/** The steps and the strength that a request asks for. */
export interface StepRequest {
  readonly steps: number;
  /** 0..1: how far the sketch is noised before it is painted over. */
  readonly strength: number;
}

/**
 * What one step does to the latents x with the UNet's answer e, as factors. The step graph multiplies and adds them
 * (graphs/step-graph.ts), so that a schedule is numbers alone. Those that are missing are 0.
 */
export interface StepFactors {
  /** The UNet sees the latents times this. */
  readonly input: number;
  /** The estimate of the clean latents: x and e times these, then clamped to -limit..limit. */
  readonly estimate: { readonly latents: number; readonly output: number };
  /** Infinity for none. */
  readonly limit: number;
  /** The picture so far: the estimate and x times these. */
  readonly denoised: { readonly estimate: number; readonly latents?: number };
  /** The latents of the next step: the picture so far, x, e and new standard normal noise times these. */
  readonly next: {
    readonly denoised: number;
    readonly latents?: number;
    readonly output?: number;
    readonly noise?: number;
  };
}

/**
 * The steps of one picture, worked out once when it begins, with all the factors of its schedule. It keeps no state.
 */
export interface Plan {
  /** Training timesteps, falling, one for each UNet call. */
  readonly timesteps: readonly number[];
  /** Factors of clean latents and of standard normal noise, whose sum the first step starts from. */
  readonly start: { readonly clean: number; readonly noise: number };
  /** The factor of the noise where there are no clean latents. */
  readonly startFromNoise: number;
  /** Whether step `index` adds fresh noise. */
  wantsNoise(index: number): boolean;
  /** What step `index` does. The latents after the last one are the picture. */
  factors(index: number): StepFactors;
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
