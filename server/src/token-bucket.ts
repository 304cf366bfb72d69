export interface TokenBucketOptions {
  readonly perSecond: number;
  /** What may be taken at once after a rest. */
  readonly capacity: number;
  /** Clock in ms. */
  readonly now: () => number;
}

/** Bounds a rate: `capacity` at once, `perSecond` in the long run. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledMs: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.capacity;
    this.#filledMs = options.now();
  }

  /** Takes `amount` if it is there. */
  take(amount: number): boolean {
    const { perSecond, capacity, now } = this.#options;
    const nowMs = now();
    this.#tokens = Math.min(capacity, this.#tokens + ((nowMs - this.#filledMs) / 1_000) * perSecond);
    this.#filledMs = nowMs;
    if (amount > this.#tokens) return false;
    this.#tokens -= amount;
    return true;
  }
}
