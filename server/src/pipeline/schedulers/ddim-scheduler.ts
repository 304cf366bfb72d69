import * as v from 'valibot';
import { above, flag, oneOf, only, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import {
  alphasCumprod,
  betasFit,
  cleanEstimate,
  noiseScheduleFields,
  SIGNAL_LEFT,
  type PredictionType,
} from './noise-schedule.js';
import {
  atLeastOneRun,
  stepsRun,
  type Plan,
  type Scheduler,
  type SchedulerKind,
  type StepArrays,
  type StepRequest,
} from './scheduler.js';
import { roundHalfEven, spacedTimesteps, spacingFields, type Spacing } from './timestep-spacing.js';

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

/** A plan that also knows how far each step goes down. */
export interface DdimPlan extends Plan {
  readonly stride: number;
}

/** Deterministic DDIM (Song, Meng and Ermon 2021, eq. 12 with eta 0), arithmetic as in diffusers' DDIMScheduler. */
export class DdimScheduler implements Scheduler {
  readonly training = 'diffusion';
  readonly #alphas: Float32Array;
  readonly #finalAlpha: number;
  readonly #prediction: PredictionType;
  readonly #spacing: Spacing;
  readonly #clipRange: number;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields) {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    this.#alphas = alphasCumprod(checked);
    this.#finalAlpha = checked.set_alpha_to_one ? 1 : this.#alphas[0]!;
    this.#prediction = checked.prediction_type;
    this.#spacing = {
      kind: checked.timestep_spacing,
      count: checked.num_train_timesteps,
      offset: checked.steps_offset,
    };
    this.#clipRange = checked.clip_sample ? checked.clip_sample_range : Infinity;
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
    const last = this.#alphas.length - 1;
    return spacedTimesteps(steps, this.#spacing).map((timestep) => Math.min(roundHalfEven(timestep), last));
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

export const ddim: SchedulerKind = {
  name: 'DDIMScheduler',
  schema,
  samplers: ['ddim'],
  purpose: 'a diffusion model',
  create: (config) => new DdimScheduler(config),
};

/** sqrt(abar) clean + sqrt(1 - abar) noise. */
function mixed(clean: Float32Array, noise: Float32Array, alpha: number): Float32Array {
  const [signal, share] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  return clean.map((value, i) => signal * value + share * noise[i]!);
}
