import TinyQueue from 'tinyqueue';
import type { FrameSource } from './frame-source.js';

export interface BatcherOptions {
  readonly now: () => number;
}

/** The line at one moment, without frames that use idle capacity only. */
export interface Census {
  /** Sources whose frame could run now. */
  readonly ready: number;
  /** Sources that wait for an image: in line, or with a frame that runs. */
  readonly drawing: number;
  /** Time until the next source becomes ready, ms. */
  readonly nextInMs: number;
}

/** The turn of a source, from the moment it joined the line. */
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
 * virtual time that advances by the cost of its frames over its weight. The source furthest behind runs next; among
 * equals the one that has waited longest. A source returning from a pause starts level with the others: idle time is
 * not banked. A source whose frame is replaced keeps its place, because `waitingSince` counts from the first frame that
 * was not answered.
 */
export class Batcher<S extends FrameSource> {
  readonly #now: () => number;
  /** The current turn of each source in line. A turn that is in a queue but not here is out of date. */
  readonly #turns = new Map<S, Turn<S>>();
  readonly #ready = new TinyQueue<Turn<S>>([], compareTurns);
  readonly #later = new TinyQueue<Turn<S>>([], (a, b) => a.readyAt - b.readyAt);
  /** Virtual time at which the last frame of a source ends. */
  readonly #ends = new WeakMap<S, number>();
  /** Virtual time at which the present frame of a source began; kept while its next frame is in line. */
  readonly #begins = new WeakMap<S, number>();
  /** Frames of each source that run. */
  readonly #served = new Map<S, number>();
  /** Virtual time at which the last served frame began. */
  #virtual = 0;
  #onReady: (() => void) | undefined;
  #onChange: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions) {
    this.#now = options.now;
  }

  /** Sources in line. */
  get size(): number {
    return this.#turns.size;
  }

  /** Sets the listener that is called when the line has changed. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
  }

  census(): Census {
    const now = this.#now();
    const drawing = new Set(this.#served.keys());
    let [ready, nextInMs] = [0, Infinity];
    for (const { source, readyAt, background } of this.#turns.values()) {
      if (background) continue;
      drawing.add(source);
      if (readyAt <= now) ready += 1;
      else nextInMs = Math.min(nextInMs, readyAt - now);
    }
    return { ready, drawing: drawing.size, nextInMs };
  }

  /** Says that this source may have become ready, or that its turn may have changed. Extra calls do no harm. */
  offer(source: S): void {
    const known = this.#turns.get(source);
    const turn = this.#turnOf(source);
    if (!turn) return this.remove(source);
    if (known && known.readyAt === turn.readyAt && known.background === turn.background) return;
    this.#turns.set(source, turn);
    if (turn.readyAt > this.#now()) this.#later.push(turn);
    else this.#ready.push(turn);
    this.#onChange();
    this.#tellReady();
  }

  /** Forgets a source that has left. */
  remove(source: S): void {
    if (this.#turns.delete(source)) this.#onChange();
  }

  /** Adds to the cost of the frame being served, at once or in parts, in any unit that is the same for all sources. */
  charge(source: S, cost: number): void {
    this.#ends.set(source, this.#startOf(source) + cost / source.weight);
  }

  /**
   * Says that the frame being served has ended. A source whose next frame is in line by then was never away: it
   * continues from its own virtual time, even if others with costlier frames have advanced the common one meanwhile.
   */
  end(source: S): void {
    if (!this.#turns.has(source)) this.#begins.delete(source);
    const others = (this.#served.get(source) ?? 0) - 1;
    if (others > 0) this.#served.set(source, others);
    else this.#served.delete(source);
    this.#onChange();
  }

  /** The source to serve now, if there is one. `end` must follow. */
  poll(): S | undefined {
    const turn = this.#next();
    if (!turn) return undefined;
    const { source, background, start } = turn;
    this.#turns.delete(source);
    this.#ready.pop();
    if (!background) this.#virtual = start;
    this.#served.set(source, (this.#served.get(source) ?? 0) + 1);
    this.#begins.set(source, this.#virtual);
    this.#onChange();
    return source;
  }

  /** Waits until there is a source to serve. Rejects when `signal` aborts. One caller at a time. */
  untilReady(signal: AbortSignal): Promise<void> {
    if (this.#onReady) throw new Error('Batcher.untilReady is already waiting: it has one caller');
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => {
        this.#onReady = undefined;
        clearTimeout(this.#timer);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#onReady = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#tellReady();
    });
  }

  #tellReady(): void {
    const onReady = this.#onReady;
    if (!onReady) return;
    clearTimeout(this.#timer);
    if (this.#next()) {
      this.#onReady = undefined;
      return onReady();
    }
    const soonest = this.#first(this.#later);
    if (soonest) this.#timer = setTimeout(() => this.#tellReady(), Math.ceil(soonest.readyAt - this.#now()));
  }

  /** The first turn of the ready sources. */
  #next(): Turn<S> | undefined {
    const now = this.#now();
    for (let turn = this.#first(this.#later); turn && turn.readyAt <= now; turn = this.#first(this.#later)) {
      this.#ready.push(this.#later.pop()!);
    }
    for (let turn = this.#first(this.#ready); turn; turn = this.#first(this.#ready)) {
      // A source that is no longer ready, and did not say so, is passed over.
      if (turn.source.readyAt() !== null) return turn;
      this.#turns.delete(turn.source);
      this.#ready.pop();
    }
    return undefined;
  }

  /** The first turn of a queue that is up to date. */
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
