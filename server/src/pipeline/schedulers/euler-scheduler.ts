import { ModelError } from '../errors.js';
import { alphasCumprod, predictionTypeOf, type PredictionType, type SchedulerConfig } from './noise-schedule.js';
import { atLeastOneRun, stepsRun, type Plan, type Scheduler, type StepArrays, type StepRequest } from './scheduler.js';
import { spacedTimesteps } from './timestep-spacing.js';

/** A plan that also knows the noise level at each of its timesteps; the last one is zero. */
export interface EulerPlan extends Plan {
  readonly sigmas: readonly number[];
}

/**
 * Euler steps down the noise levels sigma_t = sqrt((1 - abar_t) / abar_t) (Karras et al. 2022, algorithm 1 without
 * churn); `ancestral` puts part of the noise back after each step. What the turbo models were distilled for.
 */
export class EulerScheduler implements Scheduler {
  readonly #ancestral: boolean;
  readonly #prediction: PredictionType;
  readonly #spacing: string;
  readonly #stepsOffset: number;
  readonly #levels: Float32Array;

  /** @throws ModelError when the configuration asks for what is not served */
  constructor(
    config: SchedulerConfig & {
      use_karras_sigmas?: boolean;
      use_exponential_sigmas?: boolean;
      use_beta_sigmas?: boolean;
    },
  ) {
    if (config.use_karras_sigmas || config.use_exponential_sigmas || config.use_beta_sigmas) {
      throw new ModelError(
        'scheduler_config.json asks for Karras, exponential or beta sigmas; few-step models use none of them: set it to false',
      );
    }
    this.#ancestral = config._class_name === 'EulerAncestralDiscreteScheduler';
    this.#prediction = predictionTypeOf(config);
    this.#spacing = config.timestep_spacing ?? 'linspace';
    this.#stepsOffset = config.steps_offset ?? 0;
    const alphas = alphasCumprod(config);
    // No signal at all would be an infinite noise level.
    if (config.rescale_betas_zero_snr) alphas[alphas.length - 1] = 2 ** -24;
    this.#levels = alphas.map((alpha) => Math.sqrt((1 - alpha) / alpha));
  }

  effective({ steps, strength }: StepRequest): StepRequest {
    const bounded = Math.max(strength, 1 / this.#levels.length);
    return atLeastOneRun({ steps: Math.min(steps, this.#levels.length), strength: bounded });
  }

  plan(request: StepRequest): EulerPlan {
    const timesteps = this.timesteps(request.steps);
    const from = timesteps.length - stepsRun(request);
    const sigmas = [...timesteps.map((timestep) => this.#sigmaAt(timestep)), 0];
    return { timesteps: timesteps.slice(from), sigmas: sigmas.slice(from) };
  }

  /** The full schedule of `steps` timesteps, falling, spaced as the configuration says. */
  timesteps(steps: number): number[] {
    const spacing = { kind: this.#spacing, count: this.#levels.length, offset: this.#stepsOffset };
    return spacedTimesteps(steps, spacing).map(Math.fround);
  }

  begin(plan: Plan, clean: Float32Array | null, noise: Float32Array): Float32Array {
    const sigma = (plan as EulerPlan).sigmas[0]!;
    if (clean) return clean.map((value, i) => value + sigma * noise[i]!);
    const initial = this.#spacing === 'leading' ? Math.hypot(sigma, 1) : sigma;
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

  #sigmaAt(timestep: number): number {
    const low = Math.floor(timestep);
    const share = timestep - low;
    const at = this.#levels[low]!;
    return Math.fround(share === 0 ? at : at + share * (this.#levels[low + 1]! - at));
  }
}
