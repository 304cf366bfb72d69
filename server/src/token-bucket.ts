export interface TokenBucketOptions {
  readonly perSecond: number;
  /** Tokens available at once after a rest. */
  readonly capacity: number;
  /** Clock in ms. */
  readonly now: () => number;
}

/** Limits a rate: `capacity` at once, `perSecond` in the long run. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledMs: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.capacity;
    this.#filledMs = options.now();
  }

  /** Takes `amount` if it is available. */
  take(amount: number): boolean {
    this.#fill();
    if (amount > this.#tokens) return false;
    this.#tokens -= amount;
    return true;
  }

  /** Takes `amount` for work that is done already, on credit if necessary. */
  spend(amount: number): void {
    this.#fill();
    this.#tokens -= amount;
  }

  /** Time until `amount` is available, ms. */
  waitMs(amount: number): number {
    this.#fill();
    return Math.max(0, ((amount - this.#tokens) / this.#options.perSecond) * 1_000);
  }

  #fill(): void {
    const { perSecond, capacity, now } = this.#options;
    const nowMs = now();
    this.#tokens = Math.min(capacity, this.#tokens + ((nowMs - this.#filledMs) / 1_000) * perSecond);
    this.#filledMs = nowMs;
  }
}

/** One line a minute of a kind: a stranger must not fill the log. @param now clock in ms */
export function logBudget(now: () => number): TokenBucket {
  return new TokenBucket({ perSecond: 1 / 60, capacity: 1, now });
}
