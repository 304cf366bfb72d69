/** What the batcher sees of a session: whether a frame of its waits, and since when. */
export interface FrameSource {
  /** When the waiting frame may run, in ms on the batcher's clock; `null` when none waits or none may go out yet. */
  readyAt(): number | null;
  /** When its turn began to be due, in ms: the order among equals. */
  waitingSince(): number;
  /** Whether what waits is to take only what nobody else wants. */
  isBackground(): boolean;
  /** Its share of the device beside that of the others; 1 is one share. */
  readonly weight: number;
}

export interface BatcherOptions {
  readonly now: () => number;
}

interface Turn<S> {
  readonly source: S;
  readonly background: boolean;
  readonly start: number;
}

/**
 * Decides whose frame runs next: start-time fair queueing (Goyal et al. 1996) over device time. Each source has a
 * virtual time that moves on with what its frames cost, divided by its weight, and the one that is furthest behind runs
 * next; among equals the one that has waited longest. Who comes back after a pause starts where the others are: time
 * not used is not saved up. A source whose frame is replaced keeps its place, because `waitingSince` counts from the
 * first frame that was not answered.
 */
export class Batcher<S extends FrameSource> {
  readonly #now: () => number;
  readonly #offered = new Set<S>();
  /** Virtual time at which the last frame of a source ends. */
  readonly #ends = new WeakMap<S, number>();
  /** Virtual time at which the frame that was served last began. */
  #virtual = 0;
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

  /** Says what the frame costs that a source was just served for, in any unit that is the same for all. */
  charge(source: S, cost: number): void {
    this.#ends.set(source, this.#startOf(source) + cost / source.weight);
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
    let best: Turn<S> | undefined;
    let soonest = Infinity;
    for (const source of this.#offered) {
      const readyAt = source.readyAt();
      if (readyAt === null) this.#offered.delete(source);
      else if (readyAt > now) soonest = Math.min(soonest, readyAt);
      else {
        const turn = { source, background: source.isBackground(), start: this.#startOf(source) };
        if (!best || goesBefore(turn, best)) best = turn;
      }
    }
    if (best) this.#serve(best);
    else if (soonest < Infinity) this.#timer = setTimeout(() => this.#match(), Math.ceil(soonest - now));
  }

  #serve({ source, background, start }: Turn<S>): void {
    const wanted = this.#wanted!;
    this.#wanted = undefined;
    this.#offered.delete(source);
    if (!background) this.#virtual = start;
    wanted(source);
  }

  #startOf(source: S): number {
    return Math.max(this.#virtual, this.#ends.get(source) ?? 0);
  }
}

function goesBefore<S extends FrameSource>(a: Turn<S>, b: Turn<S>): boolean {
  if (a.background !== b.background) return b.background;
  if (a.start !== b.start) return a.start < b.start;
  return a.source.waitingSince() < b.source.waitingSince();
}
