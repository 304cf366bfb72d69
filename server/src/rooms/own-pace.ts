import type { FrameMessage } from '@underpaint/shared';

export interface OwnPaceOptions {
  readonly pass: (frame: FrameMessage) => void;
  /** A newer frame took the place of this one. */
  readonly onReplaced: (frame: FrameMessage) => void;
  /** Runs the work of a timer; a throw in it ends the room. */
  readonly guard: (work: () => void) => void;
  readonly now: () => number;
}

/** The pace of one member's frames where its token sets one below that of the server. The newest frame waits for its time. */
export class OwnPace {
  framesPerSecond = Infinity;
  readonly #options: OwnPaceOptions;
  #held: FrameMessage | undefined;
  #passedMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OwnPaceOptions) {
    this.#options = options;
  }

  take(frame: FrameMessage): void {
    const { now, guard, onReplaced } = this.#options;
    const waitMs = this.#passedMs + 1_000 / this.framesPerSecond - now();
    if (this.#held) onReplaced(this.#held);
    this.#held = frame;
    if (waitMs <= 0) return this.#pass();
    this.#timer ??= setTimeout(() => guard(() => this.#pass()), waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = undefined;
  }

  #pass(): void {
    const frame = this.#held;
    this.stop();
    if (!frame) return;
    this.#passedMs = this.#options.now();
    this.#options.pass(frame);
  }
}
