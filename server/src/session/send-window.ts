const MIN_IMAGES = 2;
const MAX_IMAGES = 6;
/** Weight of the newest interval in the running average of the rate. */
const RATE_WEIGHT = 0.2;

/**
 * Limits how far a reader can fall behind, in images. The kernel buffers seconds of video before bytes wait in this
 * process, so the limit is on unacknowledged images: enough to fill the round trip at the present rate plus one, between
 * 2 and 6. Beyond it one image waits, and a newer one replaces it.
 *
 * Times are ms on the caller's clock.
 */
export class SendWindow<T> {
  /** The unacknowledged images by id, in order of sending. */
  readonly #unacknowledged = new Map<number, { readonly sentMs: number; readonly bytes: number }>();
  #bytes = 0;
  #held: T | undefined;
  #smallestRoundTripMs = Infinity;
  #intervalMs = Infinity;
  #lastSentMs: number | undefined;

  /** How many images may be unacknowledged at once. */
  get size(): number {
    const inFlight = this.#smallestRoundTripMs / this.#intervalMs;
    if (!Number.isFinite(inFlight)) return MIN_IMAGES;
    return Math.min(MAX_IMAGES, Math.max(MIN_IMAGES, Math.ceil(inFlight) + 1));
  }

  get isOpen(): boolean {
    return this.#unacknowledged.size < this.size;
  }

  /** Whether an image waits; another one could only replace it. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** Keeps an image until the window opens; returns the one it replaced, if any. */
  hold(image: T): T | undefined {
    const replaced = this.#held;
    this.#held = image;
    return replaced;
  }

  /** The waiting image, if the window is open now. */
  release(): T | undefined {
    return this.isOpen ? this.takeHeld() : undefined;
  }

  /** The waiting image, even if the window is closed: no other one will follow. */
  takeHeld(): T | undefined {
    const image = this.#held;
    this.#held = undefined;
    return image;
  }

  /** Size of all unacknowledged images. */
  get unacknowledgedBytes(): number {
    return this.#bytes;
  }

  /** Records that the image with this id went out. */
  sent(id: number, bytes: number, nowMs: number): void {
    if (this.#lastSentMs !== undefined) {
      const interval = Math.max(1, nowMs - this.#lastSentMs);
      this.#intervalMs =
        this.#intervalMs === Infinity ? interval : this.#intervalMs + RATE_WEIGHT * (interval - this.#intervalMs);
    }
    this.#lastSentMs = nowMs;
    this.#unacknowledged.set(id, { sentMs: nowMs, bytes });
    this.#bytes += bytes;
  }

  /** Records an acknowledgement. It covers every earlier image too: those were shown or skipped. */
  acknowledge(id: number, nowMs: number): void {
    const acknowledged = this.#unacknowledged.get(id);
    if (acknowledged) {
      // The clock is too coarse for a round trip within a millisecond, but it is never zero.
      const roundTripMs = Math.max(0.1, nowMs - acknowledged.sentMs);
      this.#smallestRoundTripMs = Math.min(this.#smallestRoundTripMs, roundTripMs);
    }
    for (const [earlier, { bytes }] of this.#unacknowledged) {
      if (earlier > id) break;
      this.#unacknowledged.delete(earlier);
      this.#bytes -= bytes;
    }
  }
}
