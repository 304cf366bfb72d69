import { ModelError } from '../errors.js';
import {
  alphasCumprod,
  cleanEstimate,
  predictionTypeOf,
  type PredictionType,
  type SchedulerConfig,
} from './noise-schedule.js';
import { renoises, type Sampler } from './sampler.js';
import { atLeastOneRun, stepsRun, type Plan, type Scheduler, type StepArrays, type StepRequest } from './scheduler.js';

/**
 * How strength shortens the schedule. `rescaled`: the steps are spread over its lower part and all of them run, as the
 * full LCM does it. `truncated`: only the last steps of the full schedule run, as img2img of any other model does it.
 */
export type StrengthRule = 'rescaled' | 'truncated';

const SIGMA_DATA = 0.5;

/**
 * Sampling with a consistency model in latents (Luo et al. 2023, algorithm 3), arithmetic as in diffusers' LCMScheduler;
 * samplers other than multistep go through the same points.
 */
export class LcmScheduler implements Scheduler {
  readonly alphasCumprod: Float32Array;
  readonly #rule: StrengthRule;
  readonly #sampler: Sampler;
  readonly #prediction: PredictionType;
  readonly #originalSteps: number;
  readonly #trainTimesteps: number;
  readonly #timestepScaling: number;
  readonly #clipRange: number;

  /** @throws ModelError when the configuration asks for what is not served */
  constructor(config: SchedulerConfig, rule: StrengthRule = 'rescaled', sampler: Sampler = 'multistep') {
    if (config.thresholding)
      throw new ModelError(
        'scheduler_config.json asks for thresholding, which is not meant for latents: set it to false',
      );
    // The schedule's own default is "scaled_linear" from 0.00085 to 0.012; other schedulers have other defaults.
    const complete = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', ...config };
    this.alphasCumprod = alphasCumprod(complete);
    this.#rule = rule;
    this.#sampler = sampler;
    this.#prediction = predictionTypeOf(config);
    this.#trainTimesteps = config.num_train_timesteps ?? 1000;
    this.#originalSteps = config.original_inference_steps ?? 50;
    this.#timestepScaling = config.timestep_scaling ?? 10;
    this.#clipRange = config.clip_sample ? (config.clip_sample_range ?? 1) : Infinity;
  }

  effective({ steps, ...request }: StepRequest): StepRequest {
    const most = this.#sampler === 'onestep' ? 1 : Math.min(steps, this.#originalSteps);
    // Rounding may leave 1 / n a hair too small for one whole step.
    const strength = Math.max(request.strength, (1 + Number.EPSILON) / this.#originalSteps);
    if (this.#rule === 'truncated') {
      return atLeastOneRun({ steps: most, strength });
    }
    return { steps: Math.min(most, Math.trunc(this.#originalSteps * strength)), strength };
  }

  plan(request: StepRequest): Plan {
    if (this.#rule === 'rescaled') return { timesteps: this.timesteps(request) };
    const whole = this.timesteps({ steps: request.steps, strength: 1 });
    return { timesteps: whole.slice(whole.length - stepsRun(request)) };
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

  /**
   * c_skip and c_out: what makes the model the identity at t = 0 (Song et al. 2023, eq. 5 and appendix C). Rounded to
   * single precision after every operation, as in the reference.
   */
  boundaryScalings(timestep: number): { skip: number; out: number } {
    const { fround } = Math;
    const scaled = fround(timestep * this.#timestepScaling);
    const sum = fround(fround(scaled * scaled) + SIGMA_DATA * SIGMA_DATA);
    return { skip: fround((SIGMA_DATA * SIGMA_DATA) / sum), out: fround(scaled / fround(Math.sqrt(sum))) };
  }

  /** sqrt(abar_t) clean + sqrt(1 - abar_t) noise, written to `out`. */
  addNoise(
    clean: Float32Array,
    noise: Float32Array,
    { timestep, out = new Float32Array(clean.length) }: { readonly timestep: number; readonly out?: Float32Array },
  ): Float32Array {
    const alpha = this.alphasCumprod[timestep]!;
    const signal = Math.sqrt(alpha);
    const share = Math.sqrt(1 - alpha);
    for (let i = 0; i < clean.length; i++) out[i] = signal * clean[i]! + share * noise[i]!;
    return out;
  }

  begin({ timesteps }: Plan, clean: Float32Array | null, noise: Float32Array): Float32Array {
    return clean ? this.addNoise(clean, noise, { timestep: timesteps[0]! }) : noise.slice();
  }

  inputScale(): number {
    return 1;
  }

  wantsNoise({ timesteps }: Plan, index: number): boolean {
    return index < timesteps.length - 1 && renoises(this.#sampler, index, timesteps.length);
  }

  step({ timesteps }: Plan, index: number, { latents, output, denoised, noise }: StepArrays): void {
    const timestep = timesteps[index]!;
    const [fromLatents, fromOutput] = cleanEstimate(this.#prediction, this.alphasCumprod[timestep]!);
    const { skip, out } = this.boundaryScalings(timestep);
    const limit = this.#clipRange;
    for (let i = 0; i < latents.length; i++) {
      const estimate = fromLatents * latents[i]! + fromOutput * output[i]!;
      denoised[i] = out * Math.max(-limit, Math.min(limit, estimate)) + skip * latents[i]!;
    }
    const next = timesteps[index + 1];
    if (next === undefined) latents.set(denoised);
    else {
      const added = noise ?? this.#impliedNoise(timestep, latents, denoised);
      this.addNoise(denoised, added, { timestep: next, out: latents });
    }
  }

  /** The noise by which `latents` are `denoised` at `timestep`, written over `latents`. */
  #impliedNoise(timestep: number, latents: Float32Array, denoised: Float32Array): Float32Array {
    const alpha = this.alphasCumprod[timestep]!;
    const [signal, share] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    for (let i = 0; i < latents.length; i++) latents[i] = (latents[i]! - signal * denoised[i]!) / share;
    return latents;
  }
}
