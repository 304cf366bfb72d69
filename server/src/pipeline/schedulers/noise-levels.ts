import { alphasCumprod, type NoiseSchedule } from './noise-schedule.js';

/** The noise levels of the steps, and the timesteps that the model is given for them. */
export interface Levels {
  readonly timesteps: readonly number[];
  /** One for each timestep. */
  readonly sigmas: readonly number[];
}

/** The bounds of Karras and exponential levels; by default the levels of the first and last timestep. */
export interface LevelRange {
  readonly least: number | undefined;
  readonly most: number | undefined;
}

const RHO = 7;

/** sigma_t = sqrt((1 - abar_t) / abar_t) of each training timestep, which rise with it. */
export class NoiseLevels {
  readonly #levels: Float32Array;

  constructor(schedule: NoiseSchedule) {
    const alphas = alphasCumprod(schedule);
    // With no signal at all, the noise level would be infinite.
    if (schedule.rescale_betas_zero_snr) alphas[alphas.length - 1] = 2 ** -24;
    this.#levels = alphas.map((alpha) => Math.sqrt((1 - alpha) / alpha));
  }

  get count(): number {
    return this.#levels.length;
  }

  get least(): number {
    return this.#levels[0]!;
  }

  /** The level at a timestep, interpolated linearly and at most the last one. */
  at(timestep: number): number {
    const low = Math.min(Math.floor(timestep), this.count - 1);
    const share = timestep - low;
    const level = this.#levels[low]!;
    const next = this.#levels[low + 1] ?? level;
    return share === 0 ? level : level + share * (next - level);
  }

  /** Levels of these timesteps. */
  plain(timesteps: readonly number[]): Levels {
    return { timesteps, sigmas: timesteps.map((timestep) => this.at(timestep)) };
  }

  /** Levels evenly apart in their 7th root (Karras et al. 2022, eq. 5). */
  karras(timesteps: readonly number[], range: LevelRange): Levels {
    return this.#spread(timesteps, range, { to: (sigma) => sigma ** (1 / RHO), from: (root) => root ** RHO });
  }

  /** Levels evenly apart in their logarithm. */
  exponential(timesteps: readonly number[], range: LevelRange): Levels {
    return this.#spread(timesteps, range, { to: Math.log, from: Math.exp });
  }

  #spread(timesteps: readonly number[], { least, most }: LevelRange, { to, from }: Scale): Levels {
    const first = to(most ?? this.at(timesteps[0]!));
    const last = to(least ?? this.at(timesteps.at(-1)!));
    const share = (i: number): number => (timesteps.length > 1 ? i / (timesteps.length - 1) : 0);
    const sigmas = timesteps.map((_, i) => from(first + share(i) * (last - first)));
    return { sigmas, timesteps: sigmas.map((sigma) => this.#timestepOf(sigma)) };
  }

  /** The timestep of a level, interpolated linearly in the logarithm. */
  #timestepOf(sigma: number): number {
    const logarithm = Math.log(Math.max(sigma, 1e-10));
    const above = this.#levels.findIndex((level) => Math.fround(Math.log(level)) > logarithm);
    const low = Math.min(Math.max((above < 0 ? this.count : above) - 1, 0), this.count - 2);
    const [from, to] = [low, low + 1].map((at) => Math.fround(Math.log(this.#levels[at]!))) as [number, number];
    return low + Math.max(0, Math.min(1, (from - logarithm) / (from - to)));
  }
}

interface Scale {
  readonly to: (sigma: number) => number;
  readonly from: (value: number) => number;
}
