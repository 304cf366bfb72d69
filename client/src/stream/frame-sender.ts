import { MAX_FRAMES_IN_FLIGHT, type Limits } from '@underpaint/shared';

/** Frames a second to send to a server that makes few images: more would only replace each other there. */
const USUAL_FRAMES_PER_SECOND = 20;
/** The most, whatever the server allows: no screen shows more. */
const MAX_FRAMES_PER_SECOND = 120;
const RETRY_MS = 500;

export interface FrameSenderOptions {
  /** Encodes the current picture; null if there is none. */
  readonly capture: () => Promise<Uint8Array | null>;
  /** @returns false if the frame could not be sent */
  readonly send: (frame: OutgoingFrame) => boolean;
  /** `isBehind` has changed. */
  readonly onBehind?: () => void;
  readonly now?: () => number;
}

/** The part of the server's limits that concerns the pace of frames. */
export type FrameLimits = Pick<Limits, 'maxFramesPerSecond' | 'maxFramesInFlight'>;

export interface OutgoingFrame {
  readonly seq: number;
  readonly data: Uint8Array;
  /** Time of the oldest change in this frame, on the `now` clock, in ms. */
  readonly at: number;
}

/**
 * Decides when a frame goes out. It queues no frames: it remembers that the picture changed, and captures the picture at
 * the moment it may be sent. So every frame is fresh, and the last change is always sent.
 *
 * The pace is steady until images come faster: then each image lets a frame out at once, up to the server's limit.
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
  #retryAt = 0;
  #sentMs = -Infinity;
  /** Between two frames, and after an image. */
  #intervalMs = 1000 / USUAL_FRAMES_PER_SECOND;
  #shortestMs = 1000 / USUAL_FRAMES_PER_SECOND;
  #maxInFlight = MAX_FRAMES_IN_FLIGHT;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isBehind = false;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether the latest picture has no answer yet. */
  get isBehind(): boolean {
    return this.#isBehind;
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
  start(lastSeq: number, { maxFramesPerSecond, maxFramesInFlight = MAX_FRAMES_IN_FLIGHT }: FrameLimits): void {
    this.#epoch += 1;
    this.#live = true;
    this.#inFlight.clear();
    this.#seq = Math.max(this.#seq, lastSeq);
    this.#intervalMs = 1000 / Math.min(USUAL_FRAMES_PER_SECOND, maxFramesPerSecond);
    this.#shortestMs = 1000 / Math.min(MAX_FRAMES_PER_SECOND, maxFramesPerSecond);
    this.#maxInFlight = maxFramesInFlight;
    this.#pump();
  }

  /** The connection is lost: frames in flight will get no answer. */
  stop(): void {
    this.#epoch += 1;
    this.#live = false;
    clearTimeout(this.#timer);
  }

  /** A frame has its image. */
  answered(seq: number): void {
    this.#notBefore = Math.min(this.#notBefore, this.#sentMs + this.#shortestMs);
    this.ended(seq, false);
  }

  /**
   * A frame was dropped or failed.
   *
   * @param refused another try may help: the newest frame is sent again after a pause
   */
  ended(seq: number, refused: boolean): void {
    this.#inFlight.delete(seq);
    if (refused && seq === this.#seq) {
      this.#retryAt = this.#now() + RETRY_MS;
      this.#changedAt ??= this.#now();
    }
    this.#pump();
  }

  #tellBehind(): void {
    const isBehind = this.#changedAt !== null || this.#capturing || this.#inFlight.size > 0;
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    this.#options.onBehind?.();
  }

  #pump(): void {
    this.#tellBehind();
    if (!this.#live || this.#held || this.#capturing || this.#changedAt === null) return;
    if (this.#inFlight.size >= this.#maxInFlight) return;
    clearTimeout(this.#timer);
    const waitMs = Math.max(this.#notBefore, this.#retryAt) - this.#now();
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#pump(), waitMs);
      return;
    }
    void this.#sendOne(this.#changedAt);
  }

  async #sendOne(changedAt: number): Promise<void> {
    const epoch = this.#epoch;
    this.#sentMs = this.#now();
    this.#notBefore = this.#sentMs + this.#intervalMs;
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
