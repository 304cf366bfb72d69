import * as v from 'valibot';
import { above, flag, oneOf, only, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { roundHalfEven } from '../rounding.js';
import {
  alphasCumprod,
  betasFit,
  cleanEstimate,
  noiseScheduleFields,
  noiseShares,
  SIGNAL_LEFT,
  type PredictionType,
} from './noise-schedule.js';
import {
  atLeastOneRun,
  stepsRun,
  type Plan,
  type Scheduler,
  type SchedulerKind,
  type StepFactors,
  type StepRequest,
} from './scheduler.js';
import { spacedTimesteps, spacingFields, type Spacing } from './timestep-spacing.js';

/** `sample_max_value` and `dynamic_thresholding_ratio` change nothing, as there is no thresholding. */
const schema = record(
  {
    ...noiseScheduleFields({ beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear' }),
    ...spacingFields('leading'),
    prediction_type: v.optional(oneOf('epsilon', 'v_prediction', 'sample'), 'epsilon'),
    set_alpha_to_one: v.optional(flag(), true),
    clip_sample: v.optional(flag(), true),
    clip_sample_range: v.optional(above(0), 1),
    thresholding: only(false, 'dynamic thresholding is made for pixels, not for latents'),
  },
  betasFit,
  {
    field: 'rescale_betas_zero_snr',
    // Leading timesteps stop short of the last one, which has no signal left.
    holds: ({ rescale_betas_zero_snr: isZero, prediction_type: prediction, timestep_spacing: spacing }) =>
      !isZero || prediction !== 'epsilon' || spacing === 'leading',
    allowed: SIGNAL_LEFT,
  },
);

/** Constants of one schedule that a step reads. */
interface DdimConstants {
  /** abar_t of each training timestep. */
  readonly alphas: Float32Array;
  /** abar below timestep 0. */
  readonly finalAlpha: number;
  readonly prediction: PredictionType;
  readonly clipRange: number;
}

class DdimPlan implements Plan {
  readonly timesteps: readonly number[];
  readonly startFromNoise = 1;
  /** How many timesteps each step goes down. */
  readonly #stride: number;
  readonly #constants: DdimConstants;

  constructor(timesteps: readonly number[], stride: number, constants: DdimConstants) {
    this.timesteps = timesteps;
    this.#stride = stride;
    this.#constants = constants;
  }

  get start(): { clean: number; noise: number } {
    return noiseShares(this.#alphaAt(this.timesteps[0]!));
  }

  wantsNoise(): boolean {
    return false;
  }

  factors(index: number): StepFactors {
    const { prediction, clipRange: limit } = this.#constants;
    const timestep = this.timesteps[index]!;
    const alpha = this.#alphaAt(timestep);
    const estimate = cleanEstimate(prediction, alpha);
    const { clean: signal, noise: share } = noiseShares(alpha);
    const next = noiseShares(this.#alphaAt(timestep - this.#stride));
    // The noise by the estimate before it is clamped: (latents - signal * estimate) / share.
    const [ofLatents, ofOutput] = [(1 - signal * estimate.latents) / share, (-signal * estimate.output) / share];
    return {
      input: 1,
      estimate,
      limit,
      denoised: { estimate: 1 },
      next: { denoised: next.clean, latents: next.noise * ofLatents, output: next.noise * ofOutput },
    };
  }

  #alphaAt(timestep: number): number {
    const { alphas, finalAlpha } = this.#constants;
    return timestep >= 0 ? alphas[timestep]! : finalAlpha;
  }
}

/** Deterministic DDIM (Song, Meng and Ermon 2021, eq. 12 with eta 0), arithmetic as in diffusers' DDIMScheduler. */
class DdimScheduler implements Scheduler {
  readonly #constants: DdimConstants;
  readonly #spacing: Spacing;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields) {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    const alphas = alphasCumprod(checked);
    this.#constants = {
      alphas,
      finalAlpha: checked.set_alpha_to_one ? 1 : alphas[0]!,
      prediction: checked.prediction_type,
      clipRange: checked.clip_sample ? checked.clip_sample_range : Infinity,
    };
    this.#spacing = {
      kind: checked.timestep_spacing,
      count: checked.num_train_timesteps,
      offset: checked.steps_offset,
    };
  }

  effective({ steps, strength }: StepRequest): StepRequest {
    const { length } = this.#constants.alphas;
    return atLeastOneRun({ steps: Math.min(steps, length), strength: Math.max(strength, 1 / length) });
  }

  plan(request: StepRequest): Plan {
    const { length } = this.#constants.alphas;
    const full = spacedTimesteps(request.steps, this.#spacing).map((timestep) =>
      Math.min(roundHalfEven(timestep), length - 1),
    );
    const timesteps = full.slice(full.length - stepsRun(request));
    return new DdimPlan(timesteps, Math.floor(length / request.steps), this.#constants);
  }
}

export const ddim: SchedulerKind = {
  names: ['DDIMScheduler'],
  schema,
  samplers: ['ddim'],
  purpose: 'a diffusion model',
  training: () => 'diffusion',
  create: (config) => new DdimScheduler(config),
};
