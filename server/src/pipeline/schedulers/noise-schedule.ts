import { ModelError } from '../errors.js';

/** What `scheduler_config.json` may say; every field has the default that diffusers gives it. */
export interface SchedulerConfig {
  readonly _class_name?: string;
  readonly num_train_timesteps?: number;
  readonly beta_start?: number;
  readonly beta_end?: number;
  readonly beta_schedule?: string;
  readonly trained_betas?: readonly number[] | null;
  readonly prediction_type?: string;
  readonly original_inference_steps?: number;
  readonly timestep_scaling?: number;
  readonly clip_sample?: boolean;
  readonly clip_sample_range?: number;
  readonly thresholding?: boolean;
  readonly set_alpha_to_one?: boolean;
  readonly rescale_betas_zero_snr?: boolean;
  readonly timestep_spacing?: string;
  readonly steps_offset?: number;
  readonly sigma_min?: number | null;
  readonly sigma_max?: number | null;
  readonly sigma_data?: number;
  readonly s_noise?: number;
  readonly rho?: number;
  readonly clip_denoised?: boolean;
}

export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';

/** Betas of the forward process, one for each training timestep, in single precision as the reference keeps them. */
export function betasOf(config: SchedulerConfig): Float32Array {
  const { num_train_timesteps: count = 1000, beta_start: start = 0.0001, beta_end: end = 0.02 } = config;
  if (config.trained_betas) return Float32Array.from(config.trained_betas);
  const schedule = config.beta_schedule ?? 'linear';
  if (schedule === 'linear') return linspace(start, end, count);
  if (schedule === 'scaled_linear') return linspace(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
  if (schedule === 'squaredcos_cap_v2') return cosineBetas(count);
  throw new ModelError(
    `scheduler_config.json asks for the beta schedule ${schedule}; linear, scaled_linear and squaredcos_cap_v2 are known`,
  );
}

/**
 * The share of signal left at each training timestep, abar_t = prod(1 - beta_s), s <= t (Ho et al. 2020, eq. 4).
 * Products are taken in double precision: nearest to the reference, 1 unit in the last place.
 */
export function alphasCumprod(config: SchedulerConfig): Float32Array {
  const alphas = betasOf(config).map((beta) => 1 - beta);
  const cumulative = cumulativeProduct(alphas);
  if (!config.rescale_betas_zero_snr) return cumulative;
  return cumulativeProduct(alphasWithZeroTerminalSnr(cumulative));
}

/** Shifts and scales sqrt(abar) so that the last timestep holds no signal (Lin et al. 2023, algorithm 1). */
function alphasWithZeroTerminalSnr(cumulative: Float32Array): Float32Array {
  const roots = cumulative.map(Math.sqrt);
  const first = roots[0]!;
  const last = roots[roots.length - 1]!;
  const shifted = roots.map((root) => (root - last) * Math.fround(first / (first - last))).map((root) => root * root);
  return shifted
    .map((value, t) => (t === 0 ? value : value / shifted[t - 1]!))
    .map((alpha) => 1 - Math.fround(1 - alpha));
}

function cumulativeProduct(values: Float32Array): Float32Array {
  let product = 1;
  return values.map((value) => (product *= value));
}

/** Nichol and Dhariwal 2021, eq. 17. */
function cosineBetas(count: number): Float32Array {
  const share = (t: number): number => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return Float32Array.from({ length: count }, (_, t) => Math.min(1 - share((t + 1) / count) / share(t / count), 0.999));
}

/** Counts from both ends towards the middle, in single precision, as the reference does. */
function linspace(start: number, end: number, count: number): Float32Array {
  const step = Math.fround((Math.fround(end) - Math.fround(start)) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < count / 2 ? Math.fround(start) + Math.fround(step * i) : Math.fround(end) - Math.fround(step * (count - 1 - i)),
  );
}

/** @throws ModelError for a prediction type that is none of the three */
export function predictionTypeOf({ prediction_type: type = 'epsilon' }: SchedulerConfig): PredictionType {
  if (type === 'epsilon' || type === 'v_prediction' || type === 'sample') return type;
  throw new ModelError(
    `scheduler_config.json asks for the prediction type ${type}; epsilon, v_prediction and sample are known`,
  );
}

/** The clean latents are a x + b output: [a, b] of a prediction type where abar_t is `alpha`. */
export function cleanEstimate(prediction: PredictionType, alpha: number): [number, number] {
  const signal = Math.sqrt(alpha);
  const share = Math.sqrt(1 - alpha);
  if (prediction === 'epsilon') return [1 / signal, -share / signal];
  return prediction === 'v_prediction' ? [signal, -share] : [0, 1];
}
