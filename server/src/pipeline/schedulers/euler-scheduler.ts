import * as v from 'valibot';
import { above, flag, oneOf, only, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { NoiseLevels, type LevelRange, type Levels } from './noise-levels.js';
import { betasFit, noiseScheduleFields, type PredictionType } from './noise-schedule.js';
import {
  atLeastOneRun,
  stepsRun,
  type Plan,
  type Scheduler,
  type SchedulerKind,
  type StepArrays,
  type StepRequest,
  type Training,
} from './scheduler.js';
import { spacedTimesteps, spacingFields, type Spacing } from './timestep-spacing.js';

const fields = {
  ...noiseScheduleFields({ beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear' }),
  ...spacingFields('linspace'),
};

const ancestralFields = { ...fields, prediction_type: v.optional(oneOf('epsilon', 'v_prediction'), 'epsilon') };
const ancestralSchema = record(ancestralFields, betasFit);

/** `sigma_min` and `sigma_max` change nothing but Karras and exponential noise levels. */
const schema = record(
  {
    ...fields,
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

/** A plan that also knows the noise level at each of its timesteps, and the one after the last. */
export interface EulerPlan extends Plan {
  readonly sigmas: readonly number[];
}

interface EulerOptions {
  /** Whether part of the noise is put back after each step. */
  readonly ancestral?: boolean;
}

/**
 * Euler steps down the noise levels sigma_t = sqrt((1 - abar_t) / abar_t) (Karras et al. 2022, algorithm 1 without churn),
 * arithmetic as in diffusers' EulerDiscreteScheduler and EulerAncestralDiscreteScheduler.
 */
export class EulerScheduler implements Scheduler {
  readonly training: Training;
  readonly #ancestral: boolean;
  readonly #prediction: PredictionType;
  readonly #spacing: Spacing;
  readonly #levels: NoiseLevels;
  readonly #range: LevelRange;
  readonly #levelsOf: 'plain' | 'karras' | 'exponential';
  readonly #final: number;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields, { ancestral = false }: EulerOptions = {}) {
    const checked = checkEuler(config, ancestral);
    this.#ancestral = ancestral;
    this.#prediction = checked.prediction_type;
    this.#levels = new NoiseLevels(checked);
    this.#spacing = {
      kind: checked.timestep_spacing,
      count: checked.num_train_timesteps,
      offset: checked.steps_offset,
    };
    this.#range = { least: checked.sigma_min, most: checked.sigma_max };
    this.#levelsOf = checked.use_karras_sigmas ? 'karras' : checked.use_exponential_sigmas ? 'exponential' : 'plain';
    this.#final = checked.final_sigmas_type === 'zero' ? 0 : this.#levels.least;
    this.training = trainingOf(checked);
  }

  effective({ steps, strength }: StepRequest): StepRequest {
    const bounded = Math.max(strength, 1 / this.#levels.count);
    return atLeastOneRun({ steps: Math.min(steps, this.#levels.count), strength: bounded });
  }

  plan(request: StepRequest): EulerPlan {
    const { timesteps, sigmas } = this.#whole(request.steps);
    const from = timesteps.length - stepsRun(request);
    return {
      timesteps: timesteps.slice(from).map(Math.fround),
      sigmas: [...sigmas.slice(from), this.#final].map(Math.fround),
    };
  }

  /** The full schedule of `steps` timesteps, falling, spaced as the configuration says. */
  #whole(steps: number): Levels {
    const timesteps = spacedTimesteps(steps, this.#spacing).map(Math.fround);
    return this.#levels[this.#levelsOf](timesteps, this.#range);
  }

  begin(plan: Plan, clean: Float32Array | null, noise: Float32Array): Float32Array {
    const sigma = (plan as EulerPlan).sigmas[0]!;
    if (clean) return clean.map((value, i) => value + sigma * noise[i]!);
    const initial = this.#spacing.kind === 'leading' ? Math.hypot(sigma, 1) : sigma;
    return noise.map((value) => initial * value);
  }

  inputScale(plan: Plan, index: number): number {
    return 1 / Math.hypot((plan as EulerPlan).sigmas[index]!, 1);
  }

  wantsNoise(plan: Plan, index: number): boolean {
    return this.#ancestral && index < plan.timesteps.length - 1;
  }

  step(plan: Plan, index: number, { latents, output, denoised, noise }: StepArrays): void {
    const { sigmas } = plan as EulerPlan;
    const sigma = sigmas[index]!;
    const [down, up] = this.#split(sigma, sigmas[index + 1]!);
    const [fromLatents, fromOutput] = this.#cleanEstimate(sigma);
    const kept = down / sigma;
    for (let i = 0; i < latents.length; i++) {
      const estimate = fromLatents * latents[i]! + fromOutput * output[i]!;
      denoised[i] = estimate;
      latents[i] = estimate + (latents[i]! - estimate) * kept + (noise ? up * noise[i]! : 0);
    }
    // The reference decodes where the last step arrived, which may be a little short of clean.
    if (index === plan.timesteps.length - 1) denoised.set(latents);
  }

  /** The level an Euler step goes down to, and how much new noise then brings it up to `next`. */
  #split(sigma: number, next: number): [number, number] {
    if (!this.#ancestral) return [next, 0];
    const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
    return [Math.sqrt(next ** 2 - up ** 2), up];
  }

  /** The clean latents are a x + b output: [a, b] of each prediction type. */
  #cleanEstimate(sigma: number): [number, number] {
    const square = sigma * sigma + 1;
    if (this.#prediction === 'epsilon') return [1, -sigma];
    return this.#prediction === 'v_prediction' ? [1 / square, -sigma / Math.sqrt(square)] : [0, 1];
  }
}

/** The fields of both classes; what the ancestral one does not know is as the other has it by default. */
function checkEuler(config: Fields, ancestral: boolean): v.InferOutput<typeof schema> {
  if (!ancestral) return checkFields(schema, config, 'scheduler_config.json');
  const known = checkFields(ancestralSchema, config, 'scheduler_config.json');
  return v.parse(schema, Object.fromEntries(Object.entries(known).filter(([name]) => name in ancestralFields)));
}

/**
 * Models distilled into few steps are published with trailing timesteps, which begin at the noisiest one (Lin et al. 2023,
 * section 3.3); models that are guided, with leading or evenly spaced ones, or else with a schedule or prediction that
 * distilled ones do not have.
 */
function trainingOf(checked: v.InferOutput<typeof schema>): Training {
  const isUsual = !checked.rescale_betas_zero_snr && !checked.use_karras_sigmas && !checked.use_exponential_sigmas;
  const isTurbo = isUsual && checked.timestep_spacing === 'trailing' && checked.prediction_type === 'epsilon';
  return isTurbo ? 'turbo' : 'diffusion';
}

const purpose = 'a turbo model (trailing timesteps) or a diffusion model';

export const euler: SchedulerKind = {
  name: 'EulerDiscreteScheduler',
  schema,
  samplers: [],
  purpose,
  create: (config) => new EulerScheduler(config),
};

export const eulerAncestral: SchedulerKind = {
  name: 'EulerAncestralDiscreteScheduler',
  schema: ancestralSchema,
  samplers: [],
  purpose,
  create: (config) => new EulerScheduler(config, { ancestral: true }),
};
