import { TokenBucket } from '../token-bucket.js';

/** Most that one address or one subject may use at once. Missing limits do not apply. */
export interface Quota {
  readonly connections?: number;
  readonly sessions?: number;
  /** The rest is per second. */
  readonly bytes?: number;
  readonly messages?: number;
  readonly frames?: number;
}

export type Rate = 'bytes' | 'messages' | 'frames';
export type Place = 'connections' | 'sessions';

/** An account in use. */
export interface OpenAccount {
  readonly account: Account;
  /** It is not used any more. */
  readonly close: () => void;
}

/** Size of a burst, in seconds of the rate. */
const BURST_S = 4;

/** Counts the use of all connections of one address or one subject together. */
export class Account {
  readonly #quota: Quota;
  readonly #used = { connections: 0, sessions: 0 };
  readonly #rates: Readonly<Record<Rate, TokenBucket | undefined>>;

  /** @param now clock in ms */
  constructor(quota: Quota, now: () => number) {
    this.#quota = quota;
    const bucket = (perSecond: number | undefined) =>
      perSecond === undefined ? undefined : new TokenBucket({ perSecond, capacity: BURST_S * perSecond, now });
    this.#rates = { bytes: bucket(quota.bytes), messages: bucket(quota.messages), frames: bucket(quota.frames) };
  }

  get isUnused(): boolean {
    return this.#used.connections === 0 && this.#used.sessions === 0;
  }

  /** @param most overrides the quota */
  hasPlace(place: Place, most: number | undefined = this.#quota[place]): boolean {
    return this.#used[place] < (most ?? Infinity);
  }

  enter(place: Place): void {
    this.#used[place] += 1;
  }

  leave(place: Place): void {
    this.#used[place] -= 1;
  }

  /** Takes from a rate. @returns the time until there is enough again, ms; 0 if there was */
  take(rate: Rate, amount: number): number {
    const bucket = this.#rates[rate];
    return bucket === undefined || bucket.take(amount) ? 0 : bucket.waitMs(amount);
  }
}
