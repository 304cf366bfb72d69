import * as v from 'valibot';
import { above, flag, oneOf, only, record, whole, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import {
  alphasCumprod,
  betasFit,
  cleanEstimate,
  noiseScheduleFields,
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
  type StepArrays,
  type StepRequest,
  type StrengthRule,
} from './scheduler.js';
import { spacingFields } from './timestep-spacing.js';

const noise = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' } as const;

/**
 * Fields of LCMScheduler that change nothing: `set_alpha_to_one`, as no step goes below timestep 0; `timestep_spacing` and
 * `steps_offset`, as its timesteps are those of its training (but what they say must make sense); `sample_max_value` and
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
    allowed: 'num_train_timesteps at the most',
  },
  {
    field: 'rescale_betas_zero_snr',
    holds: (config) => !config.rescale_betas_zero_snr || config.prediction_type !== 'epsilon',
    allowed: SIGNAL_LEFT,
  },
);

const SIGMA_DATA = 0.5;

/**
 * Sampling with a consistency model in latents (Luo et al. 2023, algorithm 3), arithmetic as in diffusers' LCMScheduler;
 * samplers other than multistep go through the same points.
 */
export class LcmScheduler implements Scheduler {
  readonly training = 'consistency';
  readonly alphasCumprod: Float32Array;
  readonly #rule: StrengthRule;
  readonly #sampler: Sampler;
  readonly #prediction: PredictionType;
  readonly #originalSteps: number;
  readonly #trainTimesteps: number;
  readonly #timestepScaling: number;
  readonly #clipRange: number;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields, { rule = 'rescaled', sampler = 'multistep' }: Partial<SchedulerOptions> = {}) {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    this.alphasCumprod = alphasCumprod(checked);
    this.#rule = rule;
    this.#sampler = sampler;
    this.#prediction = checked.prediction_type;
    this.#trainTimesteps = checked.num_train_timesteps;
    this.#originalSteps = checked.original_inference_steps;
    this.#timestepScaling = checked.timestep_scaling;
    this.#clipRange = checked.clip_sample ? checked.clip_sample_range : Infinity;
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

export const lcm: SchedulerKind = {
  name: 'LCMScheduler',
  schema,
  samplers: SAMPLERS,
  purpose: 'a latent consistency model or a merged LCM-LoRA',
  create: (config, options) => new LcmScheduler(config, options),
};
