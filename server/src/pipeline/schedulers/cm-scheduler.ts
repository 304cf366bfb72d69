import * as v from 'valibot';
import { above, atLeast, flag, record, whole, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { renoises, SAMPLERS, type Sampler } from './sampler.js';
import type { Plan, Scheduler, SchedulerKind, StepArrays, StepRequest } from './scheduler.js';

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

/** A plan that also knows the noise level of each of its steps. */
export interface SigmaPlan extends Plan {
  readonly sigmas: readonly number[];
}

/**
 * Sampling with a consistency model in the parametrisation by noise levels (Song et al. 2023, algorithm 1; levels by Karras
 * et al. 2022, eq. 5), arithmetic as in diffusers' CMStochasticIterativeScheduler; strength is the share of the levels that are
 * gone through, counted from the lowest.
 */
export class CmScheduler implements Scheduler {
  readonly training = 'pixels';
  readonly #levels: number;
  readonly #least: number;
  readonly #most: number;
  readonly #data: number;
  readonly #noiseScale: number;
  readonly #rho: number;
  readonly #limit: number;
  readonly #sampler: Sampler;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields, sampler: Sampler = 'multistep') {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    this.#levels = checked.num_train_timesteps;
    this.#least = checked.sigma_min;
    this.#most = checked.sigma_max;
    this.#data = checked.sigma_data;
    this.#noiseScale = checked.s_noise;
    this.#rho = checked.rho;
    this.#limit = checked.clip_denoised ? 1 : Infinity;
    this.#sampler = sampler;
  }

  /** The model is the identity at the lowest level: no step is spent there, and one always starts above it. */
  effective({ steps, strength }: StepRequest): StepRequest {
    const reached = Math.max(strength, (2 + Number.EPSILON) / this.#levels);
    const most = this.#sampler === 'onestep' ? 1 : this.#usable(reached) - 1;
    return { steps: Math.min(steps, most), strength: reached };
  }

  /** Every k-th of the levels, from the one that the strength reaches on; k as large as the steps leave room for. */
  plan({ steps, strength }: StepRequest): SigmaPlan {
    const usable = this.#usable(strength);
    if (steps > usable) {
      throw new RangeError(
        `${steps} steps at strength ${strength} need more than the schedule's ${this.#levels} noise levels`,
      );
    }
    const every = Math.floor(usable / steps);
    const sigmas = Array.from({ length: steps }, (_, i) => this.#sigmaAt(this.#levels - usable + i * every));
    return { sigmas, timesteps: sigmas.map((sigma) => Math.fround(250 * Math.log(sigma))) };
  }

  begin(plan: Plan, clean: Float32Array | null, noise: Float32Array): Float32Array {
    const sigma = (plan as SigmaPlan).sigmas[0]!;
    return clean ? clean.map((value, i) => value + sigma * noise[i]!) : noise.map((value) => this.#most * value);
  }

  inputScale(plan: Plan, index: number): number {
    return 1 / Math.hypot((plan as SigmaPlan).sigmas[index]!, this.#data);
  }

  wantsNoise({ timesteps }: Plan, index: number): boolean {
    return index < timesteps.length - 1 && renoises(this.#sampler, index, timesteps.length);
  }

  step(plan: Plan, index: number, { latents, output, denoised, noise }: StepArrays): void {
    const { sigmas } = plan as SigmaPlan;
    const [sigma, next] = [sigmas[index]!, sigmas[index + 1]];
    const { skip, out } = this.boundaryScalings(sigma);
    for (let i = 0; i < latents.length; i++) {
      const estimate = out * output[i]! + skip * latents[i]!;
      denoised[i] = Math.max(-this.#limit, Math.min(this.#limit, estimate));
    }
    if (next === undefined) latents.set(denoised);
    else if (noise) {
      const added = this.#noiseScale * Math.sqrt(next ** 2 - this.#least ** 2);
      for (let i = 0; i < latents.length; i++) latents[i] = denoised[i]! + added * noise[i]!;
    } else {
      // Euler's step on the probability-flow ODE, which is DDIM's here.
      for (let i = 0; i < latents.length; i++)
        latents[i] = denoised[i]! + (next / sigma) * (latents[i]! - denoised[i]!);
    }
  }

  /** c_skip and c_out: what makes the model the identity at the least noise level (Song et al. 2023, appendix C). */
  boundaryScalings(sigma: number): { skip: number; out: number } {
    const above = sigma - this.#least;
    const data = this.#data;
    return { skip: data ** 2 / (above ** 2 + data ** 2), out: (above * data) / Math.hypot(sigma, data) };
  }

  /** How many levels this strength goes through. */
  #usable(strength: number): number {
    return Math.round(this.#levels * strength);
  }

  /** Level `index` of the schedule, 0 the noisiest. */
  #sigmaAt(index: number): number {
    const [least, most] = [this.#least ** (1 / this.#rho), this.#most ** (1 / this.#rho)];
    return (most + (index / (this.#levels - 1)) * (least - most)) ** this.#rho;
  }
}

export const cm: SchedulerKind = {
  name: 'CMStochasticIterativeScheduler',
  schema,
  samplers: SAMPLERS,
  purpose: 'a consistency model of pixels',
  create: (config, { sampler }) => new CmScheduler(config, sampler),
};
