import { TokenBucket } from '../token-bucket.js';

export interface CeilingsOptions {
  /** Most bytes a second to all clients; 0 for no limit. */
  readonly bytesPerSecond: number;
  /** Most memory of this process, bytes; 0 for no limit. */
  readonly memoryBytes: number;
  /** Memory of this process, bytes. */
  readonly memoryUsed: () => number;
  /** Clock in ms. */
  readonly now: () => number;
}

export type Ceiling = 'egress' | 'memory';

/** Size of a burst, in seconds of the rate. */
const BURST_S = 5;
/** Asking the system for the memory costs as much as handling a message. */
const MEMORY_EVERY_MS = 1_000;

/** Limits of the whole server. While it is at one, nobody new gets in; those who are in go on. */
export class Ceilings {
  readonly #options: CeilingsOptions;
  readonly #egress: TokenBucket | undefined;
  #memory = { usedBytes: 0, untilMs: -Infinity };

  constructor(options: CeilingsOptions) {
    this.#options = options;
    const { bytesPerSecond, now } = options;
    if (bytesPerSecond > 0) {
      this.#egress = new TokenBucket({ perSecond: bytesPerSecond, capacity: BURST_S * bytesPerSecond, now });
    }
  }

  /** Counts bytes to a client. */
  sent(bytes: number): void {
    this.#egress?.spend(bytes);
  }

  /** The ceiling that is reached, if one is. */
  get reached(): Ceiling | undefined {
    if (this.#egress && this.#egress.waitMs(1) > 0) return 'egress';
    const { memoryBytes } = this.#options;
    return memoryBytes > 0 && this.#memoryUsed() > memoryBytes ? 'memory' : undefined;
  }

  #memoryUsed(): number {
    const { memoryUsed, now } = this.#options;
    if (now() >= this.#memory.untilMs) this.#memory = { usedBytes: memoryUsed(), untilMs: now() + MEMORY_EVERY_MS };
    return this.#memory.usedBytes;
  }
}
