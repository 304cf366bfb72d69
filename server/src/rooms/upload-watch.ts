import { UPLOAD_WINDOW_MS } from '@underpaint/shared';

export interface UploadWatchOptions {
  readonly now: () => number;
  /** Runs the work of a timer; a throw in it ends the room. */
  readonly guard: (work: () => void) => void;
  /** Asks a member for a frame. @returns false if there is nobody to ask */
  readonly ask: () => boolean;
}

/**
 * Makes sure that the last frame of a room shows every stroke. Clients upload by a rule of their own; when they stopped and
 * the newest frame still lacks something, this asks one of them.
 */
export class UploadWatch {
  readonly #options: UploadWatchOptions;
  #isComplete = false;
  /** Until then clients upload without being asked. */
  #quietMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UploadWatchOptions) {
    this.#options = options;
  }

  /** The drawing changed. */
  edited(): void {
    this.#isComplete = false;
    this.#quietMs = this.#options.now() + UPLOAD_WINDOW_MS;
    this.check();
  }

  /** A frame came. @param isComplete it shows the whole drawing as it is now */
  framed(isComplete: boolean): void {
    this.#isComplete = isComplete;
    this.check();
  }

  /** There may be somebody to ask. */
  check(): void {
    if (this.#isComplete) return this.stop();
    if (this.#timer) return;
    const waitMs = this.#quietMs - this.#options.now();
    if (waitMs > 0) this.#wait(waitMs);
    else if (this.#options.ask()) {
      // If this member does not answer, another one is asked.
      this.#quietMs = this.#options.now() + UPLOAD_WINDOW_MS;
      this.#wait(UPLOAD_WINDOW_MS);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#options.guard(() => this.check());
    }, ms);
  }
}
