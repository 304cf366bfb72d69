/** What the batcher sees of a session: whether a frame of its waits, and since when. */
export interface FrameSource {
  /** When the waiting frame may run, in ms on the batcher's clock; `null` when none waits or none may go out yet. */
  readyAt(): number | null;
  /** When its turn began to be due, in ms: the order among those that are ready. */
  waitingSince(): number;
}

export interface BatcherOptions {
  readonly now: () => number;
}

/**
 * Decides whose frame runs next: of the sources that are ready, the one that has waited longest. A source whose frame
 * is replaced keeps its place in line, because `waitingSince` counts from the first frame that was not answered.
 */
export class Batcher<S extends FrameSource> {
  readonly #now: () => number;
  readonly #offered = new Set<S>();
  #wanted: ((source: S) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions) {
    this.#now = options.now;
  }

  /** Says that this source may have become ready. Calling it again, or too often, does no harm. */
  offer(source: S): void {
    this.#offered.add(source);
    this.#match();
  }

  /** Forgets a source that went away. */
  remove(source: S): void {
    this.#offered.delete(source);
  }

  /** The next source to serve; waits for one. Rejects when `signal` aborts. One caller at a time. */
  next(signal: AbortSignal): Promise<S> {
    if (this.#wanted) throw new Error('Batcher.next is already waiting: it has one caller');
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => {
        this.#wanted = undefined;
        clearTimeout(this.#timer);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#wanted = (source) => {
        signal.removeEventListener('abort', onAbort);
        resolve(source);
      };
      this.#match();
    });
  }

  #match(): void {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    const now = this.#now();
    let best: S | undefined;
    let soonest = Infinity;
    for (const source of this.#offered) {
      const readyAt = source.readyAt();
      if (readyAt === null) this.#offered.delete(source);
      else if (readyAt > now) soonest = Math.min(soonest, readyAt);
      else if (!best || source.waitingSince() < best.waitingSince()) best = source;
    }
    if (best) {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      this.#offered.delete(best);
      wanted(best);
    } else if (soonest < Infinity) {
      this.#timer = setTimeout(() => this.#match(), Math.ceil(soonest - now));
    }
  }
}
