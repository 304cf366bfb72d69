import * as v from 'valibot';
import { flag, oneOf, share, whole, type Rule } from '../fields.js';

const MOST_TIMESTEPS = 100_000;

export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';
export type BetaSchedule = 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';

/** The fields of a forward process, as diffusers names them. */
export interface NoiseSchedule {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: BetaSchedule;
  readonly trained_betas?: readonly number[] | undefined;
  readonly rescale_betas_zero_snr: boolean;
}

/** @param defaults what the class takes for missing fields */
export function noiseScheduleFields(defaults: Pick<NoiseSchedule, 'beta_start' | 'beta_end' | 'beta_schedule'>) {
  return {
    num_train_timesteps: v.optional(whole(1, MOST_TIMESTEPS), 1000),
    beta_start: v.optional(share(), defaults.beta_start),
    beta_end: v.optional(share(), defaults.beta_end),
    beta_schedule: v.optional(oneOf('linear', 'scaled_linear', 'squaredcos_cap_v2'), defaults.beta_schedule),
    trained_betas: v.optional(v.array(share(), 'a list of numbers above 0, and below 1')),
    rescale_betas_zero_snr: v.optional(flag(), false),
  };
}

export const betasFit: Rule<NoiseSchedule> = {
  field: 'trained_betas',
  holds: ({ trained_betas: betas, num_train_timesteps: count }) => betas === undefined || betas.length === count,
  allowed: 'a list of num_train_timesteps numbers',
};

export const SIGNAL_LEFT =
  'false where prediction_type is epsilon: with no signal left, the predicted noise does not determine the picture';

/** Betas of the forward process, one for each training timestep, in single precision as the reference keeps them. */
function betasOf(schedule: NoiseSchedule): Float32Array {
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = schedule;
  if (schedule.trained_betas) return Float32Array.from(schedule.trained_betas);
  switch (schedule.beta_schedule) {
    case 'linear':
      return linspace(start, end, count);
    case 'scaled_linear':
      return linspace(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case 'squaredcos_cap_v2':
      return cosineBetas(count);
  }
}

/**
 * The share of signal left at each training timestep, abar_t = prod(1 - beta_s), s <= t (Ho et al. 2020, eq. 4).
 * Products are in double precision, which is nearest to the reference: 1 unit in the last place.
 */
export function alphasCumprod(schedule: NoiseSchedule): Float32Array {
  const alphas = betasOf(schedule).map((beta) => 1 - beta);
  const cumulative = cumulativeProduct(alphas);
  if (!schedule.rescale_betas_zero_snr) return cumulative;
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

/** Factors of the latents and of the output, whose sum estimates the clean latents, where abar_t is `alpha`. */
export function cleanEstimate(prediction: PredictionType, alpha: number): { latents: number; output: number } {
  const { clean: signal, noise: share } = noiseShares(alpha);
  if (prediction === 'epsilon') return { latents: 1 / signal, output: -share / signal };
  return prediction === 'v_prediction' ? { latents: signal, output: -share } : { latents: 0, output: 1 };
}

/** Factors of clean latents and of noise where abar_t is `alpha`: sqrt(abar_t) and sqrt(1 - abar_t). */
export function noiseShares(alpha: number): { clean: number; noise: number } {
  return { clean: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) };
}
