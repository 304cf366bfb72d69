import * as v from 'valibot';
import { above, flag, oneOf, only, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { roundHalfEven } from '../rounding.js';
import {
  addNoise,
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
import { spacedTimesteps, spacingFields, type Spacing } from './timestep-spacing.js';

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

/** Constants of one schedule that a step reads. */
interface DdimConstants {
  /** abar_t of each training timestep. */
  readonly alphas: Float32Array;
  /** abar below timestep 0. */
  readonly finalAlpha: number;
  readonly prediction: PredictionType;
  readonly clipRange: number;
}

class DdimPlan implements Plan {
  readonly timesteps: readonly number[];
  /** How many timesteps each step goes down. */
  readonly #stride: number;
  readonly #constants: DdimConstants;

  constructor(timesteps: readonly number[], stride: number, constants: DdimConstants) {
    this.timesteps = timesteps;
    this.#stride = stride;
    this.#constants = constants;
  }

  begin(clean: Float32Array | null, noise: Float32Array): Float32Array {
    return clean ? addNoise(clean, noise, { alpha: this.#alphaAt(this.timesteps[0]!) }) : noise.slice();
  }

  inputScale(): number {
    return 1;
  }

  wantsNoise(): boolean {
    return false;
  }

  step(index: number, { latents, output, denoised }: StepArrays): void {
    const { prediction, clipRange: limit } = this.#constants;
    const timestep = this.timesteps[index]!;
    const alpha = this.#alphaAt(timestep);
    const [signal, share] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    const [fromLatents, fromOutput] = cleanEstimate(prediction, alpha);
    const nextAlpha = this.#alphaAt(timestep - this.#stride);
    const [nextSignal, nextShare] = [Math.sqrt(nextAlpha), Math.sqrt(1 - nextAlpha)];
    for (let i = 0; i < latents.length; i++) {
      const estimate = fromLatents * latents[i]! + fromOutput * output[i]!;
      const noise = (latents[i]! - signal * estimate) / share;
      denoised[i] = Math.max(-limit, Math.min(limit, estimate));
      latents[i] = nextSignal * denoised[i]! + nextShare * noise;
    }
    // The reference decodes the latents of the last step, which may be a little short of clean.
    if (index === this.timesteps.length - 1) denoised.set(latents);
  }

  #alphaAt(timestep: number): number {
    const { alphas, finalAlpha } = this.#constants;
    return timestep >= 0 ? alphas[timestep]! : finalAlpha;
  }
}

/** Deterministic DDIM (Song, Meng and Ermon 2021, eq. 12 with eta 0), arithmetic as in diffusers' DDIMScheduler. */
class DdimScheduler implements Scheduler {
  readonly #constants: DdimConstants;
  readonly #spacing: Spacing;

  /** @throws ModelError when a field is not allowed */
  constructor(config: Fields) {
    const checked = checkFields(schema, config, 'scheduler_config.json');
    const alphas = alphasCumprod(checked);
    this.#constants = {
      alphas,
      finalAlpha: checked.set_alpha_to_one ? 1 : alphas[0]!,
      prediction: checked.prediction_type,
      clipRange: checked.clip_sample ? checked.clip_sample_range : Infinity,
    };
    this.#spacing = {
      kind: checked.timestep_spacing,
      count: checked.num_train_timesteps,
      offset: checked.steps_offset,
    };
  }

  effective({ steps, strength }: StepRequest): StepRequest {
    const { length } = this.#constants.alphas;
    return atLeastOneRun({ steps: Math.min(steps, length), strength: Math.max(strength, 1 / length) });
  }

  plan(request: StepRequest): Plan {
    const { length } = this.#constants.alphas;
    const full = spacedTimesteps(request.steps, this.#spacing).map((timestep) =>
      Math.min(roundHalfEven(timestep), length - 1),
    );
    const timesteps = full.slice(full.length - stepsRun(request));
    return new DdimPlan(timesteps, Math.floor(length / request.steps), this.#constants);
  }
}

export const ddim: SchedulerKind = {
  names: ['DDIMScheduler'],
  schema,
  samplers: ['ddim'],
  purpose: 'a diffusion model',
  training: () => 'diffusion',
  create: (config) => new DdimScheduler(config),
};
