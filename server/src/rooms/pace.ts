export interface PaceOptions {
  readonly everyMs: number;
  readonly now: () => number;
  /** Runs the work of a timer; a throw in it ends the room. */
  readonly guard: (work: () => void) => void;
  readonly tell: () => void;
}

/** Limits how often a change is told: all changes of one turn of the event loop at once, and at most once in `everyMs`. */
export class Pace {
  readonly #options: PaceOptions;
  #toldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Something changed. */
  due(): void {
    const { everyMs, now, guard } = this.#options;
    const tick = () => guard(() => this.#tell());
    this.#timer ??= setTimeout(tick, Math.max(0, this.#toldMs + everyMs - now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    this.stop();
    this.#toldMs = this.#options.now();
    this.#options.tell();
  }
}
