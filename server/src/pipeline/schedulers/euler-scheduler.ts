import * as v from 'valibot';
import { above, flag, oneOf, only, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { NoiseLevels, type LevelRange } from './noise-levels.js';
import { betasFit, noiseScheduleFields, type PredictionType } from './noise-schedule.js';
import {
  atLeastOneRun,
  stepsRun,
  type Plan,
  type Scheduler,
  type SchedulerKind,
  type StepFactors,
  type StepRequest,
  type Training,
} from './scheduler.js';
import { spacedTimesteps, spacingFields, type Spacing } from './timestep-spacing.js';

/** The fields that both classes of Euler schedulers read. */
export const eulerFields = {
  ...noiseScheduleFields({ beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear' }),
  ...spacingFields('linspace'),
};

/** `sigma_min` and `sigma_max` change Karras and exponential noise levels only. */
const schema = record(
  {
    ...eulerFields,
    prediction_type: v.optional(oneOf('epsilon', 'v_prediction', 'sample'), 'epsilon'),
    interpolation_type: only('linear', 'no other interpolation of the noise levels is served'),
    use_karras_sigmas: v.optional(flag(), false),
    use_exponential_sigmas: v.optional(flag(), false),
    use_beta_sigmas: only(false, 'noise levels by a beta distribution are not served'),
    sigma_min: v.optional(above(0)),
    sigma_max: v.optional(above(0)),
    timestep_type: v.optional(oneOf('discrete', 'continuous'), 'discrete'),
    final_sigmas_type: v.optional(oneOf('zero', 'sigma_min'), 'zero'),
  },
  betasFit,
  {
    field: 'sigma_max',
    holds: ({ sigma_min: least = 0, sigma_max: most = Infinity }) => most > least,
    allowed: 'a number above sigma_min',
  },
  {
    field: 'use_exponential_sigmas',
    holds: (config) => !config.use_karras_sigmas || !config.use_exponential_sigmas,
    allowed: 'false beside use_karras_sigmas',
  },
  {
    field: 'timestep_type',
    holds: (config) => config.timestep_type === 'discrete' || config.prediction_type !== 'v_prediction',
    allowed: 'discrete where prediction_type is v_prediction: continuous timesteps are not served',
  },
);

type EulerConfig = v.InferOutput<typeof schema>;

interface EulerOptions {
  /** Whether part of the noise is put back after each step. */
  readonly ancestral?: boolean;
}

/** Constants of one schedule that a step reads. */
interface EulerConstants {
  readonly prediction: PredictionType;
  readonly ancestral: boolean;
  /** Whether timesteps lead: their first one is not quite pure noise. */
  readonly isLeading: boolean;
}

class EulerPlan implements Plan {
  readonly timesteps: readonly number[];
  /** The noise level at each timestep, and the one after the last. */
  readonly sigmas: readonly number[];
  readonly #constants: EulerConstants;

  constructor(timesteps: readonly number[], sigmas: readonly number[], constants: EulerConstants) {
    this.timesteps = timesteps;
    this.sigmas = sigmas;
    this.#constants = constants;
  }

  get start(): { clean: number; noise: number } {
    return { clean: 1, noise: this.sigmas[0]! };
  }

  get startFromNoise(): number {
    const sigma = this.sigmas[0]!;
    return this.#constants.isLeading ? Math.hypot(sigma, 1) : sigma;
  }

  wantsNoise(index: number): boolean {
    return this.#constants.ancestral && index < this.timesteps.length - 1;
  }

  factors(index: number): StepFactors {
    const sigma = this.sigmas[index]!;
    const [down, up] = this.#split(sigma, this.sigmas[index + 1]!);
    const kept = down / sigma;
    return {
      input: 1 / Math.hypot(sigma, 1),
      estimate: this.#cleanEstimate(sigma),
      limit: Infinity,
      denoised: { estimate: 1 },
      next: { denoised: 1 - kept, latents: kept, noise: this.wantsNoise(index) ? up : 0 },
    };
  }

  /** The level that an Euler step goes down to, and the new noise that then raises it to `next`. */
  #split(sigma: number, next: number): [number, number] {
    if (!this.#constants.ancestral) return [next, 0];
    const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
    return [Math.sqrt(next ** 2 - up ** 2), up];
  }

  #cleanEstimate(sigma: number): StepFactors['estimate'] {
    const square = sigma * sigma + 1;
    const { prediction } = this.#constants;
    if (prediction === 'epsilon') return { latents: 1, output: -sigma };
    return prediction === 'v_prediction'
      ? { latents: 1 / square, output: -sigma / Math.sqrt(square) }
      : { latents: 0, output: 1 };
  }
}

/**
 * Euler steps down the noise levels sigma_t = sqrt((1 - abar_t) / abar_t) (Karras et al. 2022, algorithm 1 without churn),
 * arithmetic as in diffusers' EulerDiscreteScheduler and EulerAncestralDiscreteScheduler.
 */
export class EulerScheduler implements Scheduler {
  readonly #constants: EulerConstants;
  readonly #spacing: Spacing;
  readonly #levels: NoiseLevels;
  readonly #range: LevelRange;
  readonly #levelsOf: 'plain' | 'karras' | 'exponential';
  readonly #final: number;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields, { ancestral = false }: EulerOptions = {}) {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    this.#levels = new NoiseLevels(checked);
    this.#spacing = {
      kind: checked.timestep_spacing,
      count: checked.num_train_timesteps,
      offset: checked.steps_offset,
    };
    this.#range = { least: checked.sigma_min, most: checked.sigma_max };
    this.#levelsOf = checked.use_karras_sigmas ? 'karras' : checked.use_exponential_sigmas ? 'exponential' : 'plain';
    this.#final = checked.final_sigmas_type === 'zero' ? 0 : this.#levels.least;
    this.#constants = {
      prediction: checked.prediction_type,
      ancestral,
      isLeading: checked.timestep_spacing === 'leading',
    };
  }

  effective({ steps, strength }: StepRequest): StepRequest {
    const { count } = this.#levels;
    return atLeastOneRun({ steps: Math.min(steps, count), strength: Math.max(strength, 1 / count) });
  }

  plan(request: StepRequest): EulerPlan {
    const spaced = spacedTimesteps(request.steps, this.#spacing).map(Math.fround);
    const { timesteps, sigmas } = this.#levels[this.#levelsOf](spaced, this.#range);
    const from = timesteps.length - stepsRun(request);
    const run = [...sigmas.slice(from), this.#final].map(Math.fround);
    return new EulerPlan(timesteps.slice(from).map(Math.fround), run, this.#constants);
  }
}

/**
 * Models distilled into few steps are published with trailing timesteps, which begin at the noisiest one (Lin et al. 2023,
 * section 3.3). Guided models have leading or evenly spaced ones, or a schedule or prediction type that distilled models
 * do not have.
 */
export function eulerTraining(config: Fields): Training {
  const checked: EulerConfig = checkFields(schema, config, 'scheduler_config.json');
  const isUsual = !checked.rescale_betas_zero_snr && !checked.use_karras_sigmas && !checked.use_exponential_sigmas;
  const isTurbo = isUsual && checked.timestep_spacing === 'trailing' && checked.prediction_type === 'epsilon';
  return isTurbo ? 'turbo' : 'diffusion';
}

export const EULER_PURPOSE = 'a turbo model (trailing timesteps) or a diffusion model';

export const euler: SchedulerKind = {
  names: ['EulerDiscreteScheduler'],
  schema,
  samplers: [],
  purpose: EULER_PURPOSE,
  training: eulerTraining,
  create: (config) => new EulerScheduler(config),
};
