import { MAX_FRAMES_IN_FLIGHT } from '@underpaint/shared';

/** The most frames a second to send. A hand draws no faster, and the server has other clients. */
const MAX_FRAMES_PER_SECOND = 20;
const RETRY_MS = 500;

export interface FrameSenderOptions {
  /** Encodes the current picture; null if there is none. */
  readonly capture: () => Promise<Uint8Array | null>;
  /** @returns false if the frame could not be sent */
  readonly send: (frame: OutgoingFrame) => boolean;
  readonly now?: () => number;
}

export interface OutgoingFrame {
  readonly seq: number;
  readonly data: Uint8Array;
  /** Time of the oldest change in this frame, on the `now` clock, in ms. */
  readonly at: number;
}

/**
 * Decides when a frame goes out. It queues no frames: it remembers that the picture changed, and captures the picture at
 * the moment it may be sent. So every frame is fresh, and the last change is always sent.
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

  /** The picture has changed. */
  changed(): void {
    this.#changedAt ??= this.#now();
    this.#pump();
  }

  /** While held (hidden tab, frozen) nothing goes out. Changes made meanwhile go out afterwards. */
  set held(held: boolean) {
    this.#held = held;
    this.#pump();
  }

  /** The stream is live. The next frame is numbered after `lastSeq`. */
  start(lastSeq: number, maxFramesPerSecond: number): void {
    this.#epoch += 1;
    this.#live = true;
    this.#inFlight.clear();
    this.#seq = Math.max(this.#seq, lastSeq);
    this.#intervalMs = 1000 / Math.min(MAX_FRAMES_PER_SECOND, maxFramesPerSecond);
    this.#pump();
  }

  /** The connection is lost: frames in flight will get no answer. */
  stop(): void {
    this.#epoch += 1;
    this.#live = false;
    clearTimeout(this.#timer);
  }

  /**
   * A frame was answered.
   *
   * @param refused it was dropped or failed, and another try may help: the newest frame is sent again after a pause
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
    if (epoch !== this.#epoch || this.#held || !this.#options.send({ seq: this.#seq + 1, data, at })) return false;
    this.#seq += 1;
    this.#inFlight.add(this.#seq);
    return true;
  }
}
