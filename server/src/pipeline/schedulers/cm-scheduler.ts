import * as v from 'valibot';
import { above, atLeast, flag, record, whole, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { renoises, SAMPLERS, type Sampler } from './sampler.js';
import type { Plan, Scheduler, SchedulerKind, StepFactors, StepRequest } from './scheduler.js';

const schema = record(
  {
    num_train_timesteps: v.optional(whole(2, 100_000), 40),
    sigma_min: v.optional(above(0), 0.002),
    sigma_max: v.optional(above(0), 80),
    sigma_data: v.optional(above(0), 0.5),
    s_noise: v.optional(atLeast(0), 1),
    rho: v.optional(above(0), 7),
    clip_denoised: v.optional(flag(), true),
  },
  { field: 'sigma_max', holds: (config) => config.sigma_max > config.sigma_min, allowed: 'a number above sigma_min' },
);

/** Constants of one schedule that a step reads. */
interface CmConstants {
  readonly least: number;
  readonly most: number;
  readonly data: number;
  readonly noiseScale: number;
  readonly limit: number;
  readonly sampler: Sampler;
}

class CmPlan implements Plan {
  readonly timesteps: readonly number[];
  /** The noise level of each step. */
  readonly #sigmas: readonly number[];
  readonly #constants: CmConstants;

  constructor(sigmas: readonly number[], constants: CmConstants) {
    this.#sigmas = sigmas;
    this.#constants = constants;
    this.timesteps = sigmas.map((sigma) => Math.fround(250 * Math.log(sigma)));
  }

  get start(): { clean: number; noise: number } {
    return { clean: 1, noise: this.#sigmas[0]! };
  }

  get startFromNoise(): number {
    return this.#constants.most;
  }

  wantsNoise(index: number): boolean {
    const steps = this.#sigmas.length;
    return index < steps - 1 && renoises(this.#constants.sampler, index, steps);
  }

  factors(index: number): StepFactors {
    const sigma = this.#sigmas[index]!;
    const { skip, out } = this.#boundaryScalings(sigma);
    return {
      input: 1 / Math.hypot(sigma, this.#constants.data),
      estimate: { latents: skip, output: out },
      limit: this.#constants.limit,
      denoised: { estimate: 1 },
      next: this.#next(index),
    };
  }

  #next(index: number): StepFactors['next'] {
    const { noiseScale, least } = this.#constants;
    const [sigma, next] = [this.#sigmas[index]!, this.#sigmas[index + 1]];
    if (next === undefined) return { denoised: 1 };
    if (this.wantsNoise(index)) return { denoised: 1, noise: noiseScale * Math.sqrt(next ** 2 - least ** 2) };
    // Euler's step on the probability-flow ODE, which here is DDIM's.
    const kept = next / sigma;
    return { denoised: 1 - kept, latents: kept };
  }

  /** c_skip and c_out make the model the identity at the least noise level (Song et al. 2023, appendix C). */
  #boundaryScalings(sigma: number): { skip: number; out: number } {
    const { least, data } = this.#constants;
    const above = sigma - least;
    return { skip: data ** 2 / (above ** 2 + data ** 2), out: (above * data) / Math.hypot(sigma, data) };
  }
}

/**
 * Sampling with a consistency model parametrised by noise levels (Song et al. 2023, algorithm 1; levels by Karras et al.
 * 2022, eq. 5), arithmetic as in diffusers' CMStochasticIterativeScheduler. Strength is the share of the levels that run,
 * counted from the lowest.
 */
class CmScheduler implements Scheduler {
  readonly #constants: CmConstants;
  readonly #levels: number;
  readonly #rho: number;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields, sampler: Sampler = 'multistep') {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    this.#levels = checked.num_train_timesteps;
    this.#rho = checked.rho;
    this.#constants = {
      least: checked.sigma_min,
      most: checked.sigma_max,
      data: checked.sigma_data,
      noiseScale: checked.s_noise,
      limit: checked.clip_denoised ? 1 : Infinity,
      sampler,
    };
  }

  /** The model is the identity at the lowest level, so no step is spent there and every plan starts above it. */
  effective({ steps, strength }: StepRequest): StepRequest {
    const reached = Math.max(strength, (2 + Number.EPSILON) / this.#levels);
    const most = this.#constants.sampler === 'onestep' ? 1 : this.#usable(reached) - 1;
    return { steps: Math.min(steps, most), strength: reached };
  }

  /** Every k-th level from the one that the strength reaches; k is as large as the steps allow. */
  plan({ steps, strength }: StepRequest): Plan {
    const usable = this.#usable(strength);
    if (steps > usable) {
      throw new RangeError(
        `${steps} steps at strength ${strength} need more than the schedule's ${this.#levels} noise levels`,
      );
    }
    const every = Math.floor(usable / steps);
    const sigmas = Array.from({ length: steps }, (_, i) => this.#sigmaAt(this.#levels - usable + i * every));
    return new CmPlan(sigmas, this.#constants);
  }

  /** Levels that run at this strength. */
  #usable(strength: number): number {
    return Math.round(this.#levels * strength);
  }

  /** Level `index` of the schedule; 0 is the noisiest. */
  #sigmaAt(index: number): number {
    const [least, most] = [this.#constants.least ** (1 / this.#rho), this.#constants.most ** (1 / this.#rho)];
    return (most + (index / (this.#levels - 1)) * (least - most)) ** this.#rho;
  }
}

export const cm: SchedulerKind = {
  names: ['CMStochasticIterativeScheduler'],
  schema,
  samplers: SAMPLERS,
  purpose: 'a consistency model of pixels',
  training: () => 'pixels',
  create: (config, { sampler }) => new CmScheduler(config, sampler),
};
