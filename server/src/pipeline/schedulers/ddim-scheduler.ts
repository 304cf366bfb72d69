import { ModelError } from '../errors.js';
import {
  alphasCumprod,
  cleanEstimate,
  predictionTypeOf,
  type PredictionType,
  type SchedulerConfig,
} from './noise-schedule.js';
import { atLeastOneRun, stepsRun, type Plan, type Scheduler, type StepArrays, type StepRequest } from './scheduler.js';
import { roundHalfEven, spacedTimesteps, type Spacing } from './timestep-spacing.js';

/** A plan that also knows how far each step goes down. */
export interface DdimPlan extends Plan {
  readonly stride: number;
}

/** Deterministic DDIM (Song, Meng and Ermon 2021, eq. 12 with eta 0), arithmetic as in diffusers' DDIMScheduler. */
export class DdimScheduler implements Scheduler {
  readonly #alphas: Float32Array;
  readonly #finalAlpha: number;
  readonly #prediction: PredictionType;
  readonly #spacing: Spacing;
  readonly #clipRange: number;

  /** @throws ModelError when the configuration asks for what is not served */
  constructor(config: SchedulerConfig) {
    if (config.thresholding) {
      throw new ModelError(
        'scheduler_config.json asks for thresholding, which is not meant for latents: set it to false',
      );
    }
    this.#alphas = alphasCumprod(config);
    this.#finalAlpha = config.set_alpha_to_one === false ? this.#alphas[0]! : 1;
    this.#prediction = predictionTypeOf(config);
    this.#spacing = {
      kind: config.timestep_spacing ?? 'leading',
      count: this.#alphas.length,
      offset: config.steps_offset ?? 0,
    };
    this.#clipRange = config.clip_sample === false ? Infinity : (config.clip_sample_range ?? 1);
  }

  effective({ steps, strength }: StepRequest): StepRequest {
    const bounded = Math.max(strength, 1 / this.#alphas.length);
    return atLeastOneRun({ steps: Math.min(steps, this.#alphas.length), strength: bounded });
  }

  plan(request: StepRequest): DdimPlan {
    const timesteps = this.timesteps(request.steps);
    const stride = Math.floor(this.#alphas.length / request.steps);
    return { timesteps: timesteps.slice(timesteps.length - stepsRun(request)), stride };
  }

  /** The full schedule of `steps` timesteps, falling, spaced as the configuration says. */
  timesteps(steps: number): number[] {
    return spacedTimesteps(steps, this.#spacing).map(roundHalfEven);
  }

  begin({ timesteps }: Plan, clean: Float32Array | null, noise: Float32Array): Float32Array {
    if (!clean) return noise.slice();
    const alpha = this.#alphas[timesteps[0]!]!;
    return mixed(clean, noise, alpha);
  }

  inputScale(): number {
    return 1;
  }

  wantsNoise(): boolean {
    return false;
  }

  step(plan: Plan, index: number, { latents, output, denoised }: StepArrays): void {
    const timestep = plan.timesteps[index]!;
    const alpha = this.#alphas[timestep]!;
    const [signal, share] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    const [fromLatents, fromOutput] = cleanEstimate(this.#prediction, alpha);
    const limit = this.#clipRange;
    const earlier = timestep - (plan as DdimPlan).stride;
    const earlierAlpha = earlier >= 0 ? this.#alphas[earlier]! : this.#finalAlpha;
    const [earlierSignal, earlierShare] = [Math.sqrt(earlierAlpha), Math.sqrt(1 - earlierAlpha)];
    for (let i = 0; i < latents.length; i++) {
      const estimate = fromLatents * latents[i]! + fromOutput * output[i]!;
      const noise = (latents[i]! - signal * estimate) / share;
      denoised[i] = Math.max(-limit, Math.min(limit, estimate));
      latents[i] = earlierSignal * denoised[i]! + earlierShare * noise;
    }
    // The reference decodes where the last step arrived, which may be a little short of clean.
    if (index === plan.timesteps.length - 1) denoised.set(latents);
  }
}

/** sqrt(abar) clean + sqrt(1 - abar) noise. */
function mixed(clean: Float32Array, noise: Float32Array, alpha: number): Float32Array {
  const [signal, share] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  return clean.map((value, i) => signal * value + share * noise[i]!);
}
