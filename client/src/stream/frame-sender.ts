import { MAX_FRAMES_IN_FLIGHT } from '@underpaint/shared';

/** The most frames a second worth sending: no hand draws faster than that, and the server has others to serve. */
export const MAX_FRAMES_PER_SECOND = 20;
const RETRY_MS = 500;

export interface FrameSenderOptions {
  /** The picture as it is now, encoded; null when there is none. */
  readonly capture: () => Promise<Uint8Array | null>;
  /** @returns false when it could not be sent */
  readonly send: (frame: OutgoingFrame) => boolean;
  readonly now?: () => number;
}

export interface OutgoingFrame {
  readonly seq: number;
  readonly data: Uint8Array;
  /** When the oldest change in this frame was made, on the `now` clock, in ms. */
  readonly at: number;
}

/**
 * Decides when a frame goes out. No frame ever waits here: what waits is the knowledge that the picture changed, and
 * the picture is taken at the moment it may be sent. So the newest is kept without keeping any, and the last change is
 * always sent.
 */
export class FrameSender {
  readonly #options: FrameSenderOptions;
  readonly #now: () => number;
  readonly #inFlight = new Set<number>();
  #changedAt: number | null = null;
  #live = false;
  #held = false;
  #capturing = false;
  #seq = 0;
  #epoch = 0;
  #notBefore = 0;
  #intervalMs = 1000 / MAX_FRAMES_PER_SECOND;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The picture is not what it was. */
  changed(): void {
    this.#changedAt ??= this.#now();
    this.#pump();
  }

  /** While held (hidden tab, frozen) nothing goes out; what changed meanwhile goes out after. */
  set held(held: boolean) {
    this.#held = held;
    this.#pump();
  }

  /** The stream is live. Frames are numbered after `lastSeq`. */
  start(lastSeq: number, maxFramesPerSecond: number): void {
    this.#epoch += 1;
    this.#live = true;
    this.#inFlight.clear();
    this.#seq = Math.max(this.#seq, lastSeq);
    this.#intervalMs = 1000 / Math.min(MAX_FRAMES_PER_SECOND, maxFramesPerSecond);
    this.#pump();
  }

  /** The stream is gone; frames without an end will not get one. */
  stop(): void {
    this.#epoch += 1;
    this.#live = false;
    clearTimeout(this.#timer);
  }

  /**
   * A frame got its end.
   *
   * @param refused it was not answered with a picture and another try may help: the newest one is sent again after a pause
   */
  ended(seq: number, refused: boolean): void {
    this.#inFlight.delete(seq);
    if (refused && seq === this.#seq) {
      this.#notBefore = this.#now() + RETRY_MS;
      this.#changedAt ??= this.#now();
    }
    this.#pump();
  }

  #pump(): void {
    if (!this.#live || this.#held || this.#capturing || this.#changedAt === null) return;
    if (this.#inFlight.size >= MAX_FRAMES_IN_FLIGHT) return;
    clearTimeout(this.#timer);
    const waitMs = this.#notBefore - this.#now();
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#pump(), waitMs);
      return;
    }
    void this.#sendOne(this.#changedAt);
  }

  async #sendOne(changedAt: number): Promise<void> {
    const epoch = this.#epoch;
    this.#notBefore = this.#now() + this.#intervalMs;
    this.#changedAt = null;
    this.#capturing = true;
    const data = await this.#options.capture().finally(() => (this.#capturing = false));
    if (data !== null && !this.#sent(epoch, data, changedAt)) this.#changedAt = changedAt;
    this.#pump();
  }

  #sent(epoch: number, data: Uint8Array, at: number): boolean {
    if (epoch !== this.#epoch || !this.#options.send({ seq: this.#seq + 1, data, at })) return false;
    this.#seq += 1;
    this.#inFlight.add(this.#seq);
    return true;
  }
}
