export interface AdaptiveStepsOptions {
  /** 95 % of the images should take no longer than this, in ms. */
  readonly targetMs: number;
  /** Clock in ms. */
  readonly now: () => number;
}

const WINDOW_MS = 2_000;
const DECIDE_EVERY_MS = 100;
/** Fewer images than this give no estimate of the 95th percentile. */
const MIN_IMAGES = 8;
/** More images than this do not improve the estimate; a busy server makes thousands in the window. */
const MAX_IMAGES = 256;
/** Time after a change for its effect to show, before the next change. */
const SETTLE_MS = 1_000;
/** The level rises only after images took less than this share of the target for this long: otherwise it would oscillate. */
const CALM_SHARE = 0.6;
const CALM_MS = 3_000;
const LOWER_BY = 0.25;
const RAISE_BY = 0.125;

/**
 * Chooses the steps of an image, between the fewest that a session allows and the number it asked for, at the same level
 * for everyone. The level falls while images take too long, and rises again when there is time.
 */
export class AdaptiveSteps {
  readonly #options: AdaptiveStepsOptions;
  #images: { readonly atMs: number; readonly serverMs: number }[] = [];
  #level = 1;
  #settledMs = -Infinity;
  #decidedMs = -Infinity;
  #calmSinceMs: number | undefined;

  constructor(options: AdaptiveStepsOptions) {
    this.#options = options;
  }

  /** 0: everyone gets the fewest steps; 1: everyone gets the steps they asked for. */
  get level(): number {
    return this.#level;
  }

  stepsOf({ minSteps, steps }: { readonly minSteps: number; readonly steps: number }): number {
    return Math.round(minSteps + (steps - minSteps) * this.#level);
  }

  /** Records the time from a frame to its image. */
  observe(serverMs: number): void {
    const atMs = this.#options.now();
    // A pause is not a calm: measurements from before it are out of date.
    if (this.#images.length > 0 && atMs - this.#images.at(-1)!.atMs > WINDOW_MS) this.#calmSinceMs = undefined;
    if (atMs < this.#settledMs) return;
    this.#images.push({ atMs, serverMs });
    if (atMs < this.#decidedMs + DECIDE_EVERY_MS) return;
    this.#decidedMs = atMs;
    this.#images = this.#images.slice(-MAX_IMAGES).filter((image) => atMs - image.atMs < WINDOW_MS);
    if (this.#images.length >= MIN_IMAGES) this.#decide(atMs);
  }

  #decide(nowMs: number): void {
    const { targetMs } = this.#options;
    const slowest = percentile95(this.#images.map(({ serverMs }) => serverMs));
    if (slowest > targetMs) return this.#change(nowMs, Math.max(0, this.#level - LOWER_BY));
    if (slowest > CALM_SHARE * targetMs) this.#calmSinceMs = undefined;
    else this.#calmSinceMs ??= nowMs;
    if (this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= CALM_MS) {
      this.#change(nowMs, Math.min(1, this.#level + RAISE_BY));
    }
  }

  #change(nowMs: number, level: number): void {
    this.#calmSinceMs = undefined;
    if (level === this.#level) return;
    this.#level = level;
    this.#images = [];
    this.#settledMs = nowMs + SETTLE_MS;
  }
}

function percentile95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1]!;
}
