/** A grant counts so much before its rows are free, beside the time to decode a picture: for messages on their way, ms. */
const MARGIN_MS = 2;
const DECODES_KEPT = 4;

/**
 * The frames that a worker may be sent. Rows that will be free after the present call count only shortly before its end, just in
 * time to decode a picture: a frame that is claimed earlier only waits, while newer ones come.
 */
export class Granted {
  readonly #onGrown: () => void;
  readonly #marginMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** ms of the last decoded pictures, the newest first. */
  #decodesMs: readonly number[] = [];
  #count = 0;

  /**
   * @param onGrown the count has grown
   * @param aheadMs frames take so much longer to get here than those of this process
   */
  constructor(onGrown: () => void, aheadMs = 0) {
    this.#onGrown = onGrown;
    this.#marginMs = MARGIN_MS + aheadMs;
  }

  get count(): number {
    return this.#count;
  }

  /** @param inMs when the rows will be free */
  add(count: number, inMs: number): void {
    const ms = Math.floor(inMs - this.#marginMs - Math.max(0, ...this.#decodesMs));
    if (ms < 1) return this.#grow(count);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#grow(count);
    }, ms);
    this.#timers.add(timer);
  }

  /** A frame is sent. */
  take(): void {
    this.#count -= 1;
  }

  /** A picture has been decoded. */
  noteDecoded(ms: number): void {
    this.#decodesMs = [ms, ...this.#decodesMs].slice(0, DECODES_KEPT);
  }

  /** The worker has ended. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#count = 0;
  }

  #grow(count: number): void {
    this.#count += count;
    this.#onGrown();
  }
}
