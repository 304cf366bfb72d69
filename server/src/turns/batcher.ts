import TinyQueue from 'tinyqueue';

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

/** A source in line, as it was when it came. */
interface Turn<S> {
  readonly source: S;
  readonly readyAt: number;
  readonly background: boolean;
  /** Virtual time at which its frame begins. */
  readonly start: number;
  readonly since: number;
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
  /** The turn of each source in line. One that is in a queue and not here is past. */
  readonly #turns = new Map<S, Turn<S>>();
  readonly #ready = new TinyQueue<Turn<S>>([], compareTurns);
  readonly #later = new TinyQueue<Turn<S>>([], (a, b) => a.readyAt - b.readyAt);
  /** Virtual time at which the last frame of a source ends. */
  readonly #ends = new WeakMap<S, number>();
  /** Virtual time at which the frame of each source began that is served, or was and is still here. */
  readonly #begins = new WeakMap<S, number>();
  /** Virtual time at which the frame that was served last began. */
  #virtual = 0;
  #wanted: ((source: S) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions) {
    this.#now = options.now;
  }

  /** Sources in line. */
  get size(): number {
    return this.#turns.size;
  }

  /** Says that this source may have become ready, or is so in another way. Calling it too often does no harm. */
  offer(source: S): void {
    const known = this.#turns.get(source);
    const turn = this.#turnOf(source);
    if (!turn) return this.remove(source);
    if (known && known.readyAt === turn.readyAt && known.background === turn.background) return;
    this.#turns.set(source, turn);
    if (turn.readyAt > this.#now()) this.#later.push(turn);
    else this.#ready.push(turn);
    this.#match();
  }

  /** Forgets a source that went away. */
  remove(source: S): void {
    this.#turns.delete(source);
  }

  /** Says what the frame costs that a source was served for, at once or in parts, in any unit that is the same for all. */
  charge(source: S, cost: number): void {
    this.#ends.set(source, this.#startOf(source) + cost / source.weight);
  }

  /**
   * Says that the frame which a source was served for has had its end. A source that has another one by then never was
   * away: it goes on where it was, also when others, whose frames are dearer, have moved the time on meanwhile.
   */
  end(source: S): void {
    if (!this.#turns.has(source)) this.#begins.delete(source);
  }

  /** The source to serve now, if there is one. */
  poll(): S | undefined {
    const now = this.#now();
    for (let turn = this.#first(this.#later); turn && turn.readyAt <= now; turn = this.#first(this.#later)) {
      this.#ready.push(this.#later.pop()!);
    }
    for (let turn = this.#first(this.#ready); turn; turn = this.#first(this.#ready)) {
      this.#turns.delete(turn.source);
      this.#ready.pop();
      // One that went back on its offer without a word loses nothing by being passed over.
      if (turn.source.readyAt() === null) continue;
      if (!turn.background) this.#virtual = turn.start;
      this.#begins.set(turn.source, this.#virtual);
      return turn.source;
    }
    return undefined;
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
    const wanted = this.#wanted;
    if (!wanted) return;
    clearTimeout(this.#timer);
    const source = this.poll();
    if (source) {
      this.#wanted = undefined;
      return wanted(source);
    }
    const soonest = this.#first(this.#later);
    if (soonest) this.#timer = setTimeout(() => this.#match(), Math.ceil(soonest.readyAt - this.#now()));
  }

  /** The first of a queue that is not past. */
  #first(queue: TinyQueue<Turn<S>>): Turn<S> | undefined {
    for (let turn = queue.peek(); turn; turn = queue.peek()) {
      if (this.#turns.get(turn.source) === turn) return turn;
      queue.pop();
    }
    return undefined;
  }

  #turnOf(source: S): Turn<S> | undefined {
    const readyAt = source.readyAt();
    if (readyAt === null) return undefined;
    const background = source.isBackground();
    return { source, readyAt, background, start: this.#startOf(source), since: source.waitingSince() };
  }

  #startOf(source: S): number {
    return Math.max(this.#begins.get(source) ?? this.#virtual, this.#ends.get(source) ?? 0);
  }
}

function compareTurns(a: Turn<FrameSource>, b: Turn<FrameSource>): number {
  return Number(a.background) - Number(b.background) || a.start - b.start || a.since - b.since;
}
