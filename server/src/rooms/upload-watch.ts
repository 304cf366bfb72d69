import { UPLOAD_WINDOW_MS } from '@underpaint/shared';

export interface UploadWatchOptions {
  readonly now: () => number;
  /** Runs the work of a timer; a throw in it ends the room. */
  readonly guard: (work: () => void) => void;
  /** Asks somebody for a frame; says whether there was anybody to ask. */
  readonly ask: () => boolean;
}

/**
 * Sees to it that the last frame of a room holds every stroke. Whoever draws uploads by the rule that all clients
 * follow; where nobody does so any more and the newest frame still lacks something, somebody is asked.
 */
export class UploadWatch {
  readonly #options: UploadWatchOptions;
  #isComplete = false;
  /** Until then whoever drew uploads without being asked. */
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

  /** A frame came; whether it shows the whole drawing as it is now. */
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
      // Who does not answer is not the last to be asked.
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
