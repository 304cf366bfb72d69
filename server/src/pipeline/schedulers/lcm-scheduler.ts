import * as v from 'valibot';
import { above, flag, oneOf, only, record, whole, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import {
  alphasCumprod,
  betasFit,
  cleanEstimate,
  noiseScheduleFields,
  noiseShares,
  SIGNAL_LEFT,
  type PredictionType,
} from './noise-schedule.js';
import { renoises, SAMPLERS, type Sampler } from './sampler.js';
import {
  atLeastOneRun,
  stepsRun,
  type Plan,
  type Scheduler,
  type SchedulerKind,
  type SchedulerOptions,
  type StepFactors,
  type StepRequest,
  type StrengthRule,
} from './scheduler.js';
import { spacingFields } from './timestep-spacing.js';

const noise = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' } as const;

/**
 * Fields of LCMScheduler that change nothing: `set_alpha_to_one`, as no step goes below timestep 0; `timestep_spacing` and
 * `steps_offset`, as its timesteps are those of its training (they are checked all the same); `sample_max_value` and
 * `dynamic_thresholding_ratio`, as there is no thresholding.
 */
const schema = record(
  {
    ...noiseScheduleFields(noise),
    ...spacingFields('leading'),
    prediction_type: v.optional(oneOf('epsilon', 'v_prediction', 'sample'), 'epsilon'),
    original_inference_steps: v.optional(whole(1), 50),
    timestep_scaling: v.optional(above(0), 10),
    clip_sample: v.optional(flag(), false),
    clip_sample_range: v.optional(above(0), 1),
    thresholding: only(false, 'dynamic thresholding is made for pixels, not for latents'),
  },
  betasFit,
  {
    field: 'original_inference_steps',
    holds: (config) => config.original_inference_steps <= config.num_train_timesteps,
    allowed: 'at most num_train_timesteps',
  },
  {
    field: 'rescale_betas_zero_snr',
    holds: (config) => !config.rescale_betas_zero_snr || config.prediction_type !== 'epsilon',
    allowed: SIGNAL_LEFT,
  },
);

const SIGMA_DATA = 0.5;

/** Constants of one schedule that a step reads. */
interface LcmConstants {
  /** abar_t of each training timestep. */
  readonly alphas: Float32Array;
  readonly prediction: PredictionType;
  readonly timestepScaling: number;
  readonly clipRange: number;
  readonly sampler: Sampler;
}

/**
 * c_skip and c_out make the model the identity at t = 0 (Song et al. 2023, eq. 5 and appendix C). Rounded to single
 * precision after every operation, as in the reference.
 *
 * @param scaling `timestep_scaling`
 */
export function boundaryScalings(timestep: number, scaling: number): { skip: number; out: number } {
  const { fround } = Math;
  const scaled = fround(timestep * scaling);
  const sum = fround(fround(scaled * scaled) + SIGMA_DATA * SIGMA_DATA);
  return { skip: fround((SIGMA_DATA * SIGMA_DATA) / sum), out: fround(scaled / fround(Math.sqrt(sum))) };
}

class LcmPlan implements Plan {
  readonly timesteps: readonly number[];
  readonly startFromNoise = 1;
  readonly #constants: LcmConstants;

  constructor(timesteps: readonly number[], constants: LcmConstants) {
    this.timesteps = timesteps;
    this.#constants = constants;
  }

  get start(): { clean: number; noise: number } {
    return noiseShares(this.#alpha(0));
  }

  wantsNoise(index: number): boolean {
    const steps = this.timesteps.length;
    return index < steps - 1 && renoises(this.#constants.sampler, index, steps);
  }

  factors(index: number): StepFactors {
    const { prediction, timestepScaling, clipRange: limit } = this.#constants;
    const { skip, out } = boundaryScalings(this.timesteps[index]!, timestepScaling);
    return {
      input: 1,
      estimate: cleanEstimate(prediction, this.#alpha(index)),
      limit,
      denoised: { estimate: out, latents: skip },
      next: this.#next(index),
    };
  }

  #next(index: number): StepFactors['next'] {
    if (index === this.timesteps.length - 1) return { denoised: 1 };
    const next = noiseShares(this.#alpha(index + 1));
    if (this.wantsNoise(index)) return { denoised: next.clean, noise: next.noise };
    // The noise that makes the estimate into these latents is (latents - signal * denoised) / share.
    const { clean: signal, noise: share } = noiseShares(this.#alpha(index));
    const kept = next.noise / share;
    return { denoised: next.clean - kept * signal, latents: kept };
  }

  #alpha(index: number): number {
    return this.#constants.alphas[this.timesteps[index]!]!;
  }
}

/**
 * Sampling with a consistency model in latents (Luo et al. 2023, algorithm 3), arithmetic as in diffusers' LCMScheduler.
 * Samplers other than multistep visit the same timesteps.
 */
export class LcmScheduler implements Scheduler {
  readonly #constants: LcmConstants;
  readonly #rule: StrengthRule;
  readonly #originalSteps: number;
  readonly #trainTimesteps: number;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields, { rule = 'rescaled', sampler = 'multistep' }: Partial<SchedulerOptions> = {}) {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    this.#rule = rule;
    this.#trainTimesteps = checked.num_train_timesteps;
    this.#originalSteps = checked.original_inference_steps;
    this.#constants = {
      alphas: alphasCumprod(checked),
      prediction: checked.prediction_type,
      timestepScaling: checked.timestep_scaling,
      clipRange: checked.clip_sample ? checked.clip_sample_range : Infinity,
      sampler,
    };
  }

  get alphasCumprod(): Float32Array {
    return this.#constants.alphas;
  }

  effective({ steps, ...request }: StepRequest): StepRequest {
    const most = this.#constants.sampler === 'onestep' ? 1 : Math.min(steps, this.#originalSteps);
    // Rounding may leave 1 / n a hair too small for one whole step.
    const strength = Math.max(request.strength, (1 + Number.EPSILON) / this.#originalSteps);
    if (this.#rule === 'truncated') return atLeastOneRun({ steps: most, strength });
    return { steps: Math.min(most, Math.trunc(this.#originalSteps * strength)), strength };
  }

  plan(request: StepRequest): Plan {
    if (this.#rule === 'rescaled') return this.planOf(this.timesteps(request));
    const full = this.timesteps({ steps: request.steps, strength: 1 });
    return this.planOf(full.slice(full.length - stepsRun(request)));
  }

  /** The plan of timesteps that are given. */
  planOf(timesteps: readonly number[]): Plan {
    return new LcmPlan(timesteps, this.#constants);
  }

  /**
   * t_i = (L - floor(i L / n)) k - 1, with L = trunc(original steps * strength) and k = training timesteps per original step.
   *
   * @throws RangeError when there are more steps than L
   */
  timesteps({ steps, strength }: StepRequest, originalSteps = this.#originalSteps): number[] {
    const usable = Math.trunc(originalSteps * strength);
    const spacing = Math.floor(this.#trainTimesteps / originalSteps);
    if (steps > usable || spacing < 1) {
      throw new RangeError(
        `${steps} steps at strength ${strength} need more than the schedule's ${originalSteps} steps`,
      );
    }
    const stride = usable / steps;
    return Array.from({ length: steps }, (_, i) => (usable - Math.floor(i * stride)) * spacing - 1);
  }
}

export const lcm: SchedulerKind = {
  names: ['LCMScheduler'],
  schema,
  samplers: SAMPLERS,
  purpose: 'a latent consistency model or a merged LCM-LoRA',
  training: () => 'consistency',
  create: (config, options) => new LcmScheduler(config, options),
};
