export interface PaceOptions {
  readonly everyMs: number;
  readonly now: () => number;
  readonly guard: (work: () => void) => void;
  readonly tell: () => void;
}

/** Tells of what changes often: all changes of one turn of the event loop at once, and not more often than `everyMs`. */
export class Pace {
  readonly #options: PaceOptions;
  #toldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** There is something to tell. */
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
