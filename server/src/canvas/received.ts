import type { ReceivedFrame } from './frames.js';

/** A frame as its sender gave it. */
export type SentFrame = Pick<ReceivedFrame, 'seq' | 'at' | 'member' | 'traceparent' | 'data'>;

/** The frames that a canvas has received: numbers them, keeps the last one, and knows which have ended. */
export class Received {
  readonly #now: () => number;
  #count = 0;
  #last: ReceivedFrame | undefined;
  #lastMs = -Infinity;
  /** Number of the newest frame that has ended. */
  #endedNumber = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The last frame, if it can be rendered. */
  get last(): ReceivedFrame | undefined {
    return this.#last;
  }

  /** When the last frame arrived, ms. */
  get lastMs(): number {
    return this.#lastMs;
  }

  add(frame: SentFrame): ReceivedFrame {
    this.#lastMs = this.#now();
    return (this.#last = { ...frame, number: ++this.#count, receivedMs: this.#lastMs });
  }

  /** Forgets a frame that cannot be rendered, whatever the parameters. */
  discard(frame: ReceivedFrame): void {
    if (this.#last === frame) this.#last = undefined;
  }

  /** Records that a frame was shown, dropped or failed: each has one end. */
  end({ number }: ReceivedFrame): void {
    this.#endedNumber = Math.max(this.#endedNumber, number);
  }

  hasEnded({ number }: ReceivedFrame): boolean {
    return this.#endedNumber === number;
  }
}
