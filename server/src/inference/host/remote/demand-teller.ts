import { isDeepStrictEqual } from 'node:util';
import type { Demand } from '../../messages.js';

/** The frames that wait for a worker. */
export interface Line {
  census(): Pick<Demand, 'ready' | 'drawing'> & { readonly nextInMs: number };
  watch(onChange: () => void): void;
}

/** Changes within this time are told together: for each worker, as every one is told, and at least. */
const TELL_EVERY_MS = 0.1;
const TELL_AT_LEAST_MS = 3;
/** What only weighs the demand is told less often. */
const WEIGHT_EVERY_MS = 50;

interface Told {
  tellDemand(demand: Demand): void;
}

/** Tells shared workers how many canvases wait. */
export class DemandTeller {
  readonly #workers: () => readonly Told[];
  #line: Line | undefined;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #usedMs = 0;
  #told: Demand = { ready: 0, drawing: 0, usedMs: 0 };
  #toldMs = -Infinity;

  constructor(workers: () => readonly Told[]) {
    this.#workers = workers;
  }

  watch(line: Line): void {
    this.#line = line;
    line.watch(() => this.#lineOnChange());
    this.#lineOnChange();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#line = undefined;
  }

  /** A frame of this device time leaves. */
  use(ms: number): void {
    this.#usedMs += ms / Math.max(1, this.#line?.census().drawing ?? 1);
  }

  /** Tells all workers. */
  tell(): void {
    if (!this.#line) return;
    clearTimeout(this.#timer);
    const { ready, drawing } = this.#line.census();
    this.#toldMs = performance.now();
    this.#told = { ready, drawing, usedMs: this.#usedMs };
    for (const worker of this.#workers()) worker.tellDemand(this.#told);
  }

  /** Later in this turn of the event loop: a frame that a grant waits for leaves at once. */
  #lineOnChange(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#look();
    });
  }

  #look(): void {
    if (!this.#line) return;
    clearTimeout(this.#timer);
    const { ready, drawing, nextInMs } = this.#line.census();
    const isTold = isDeepStrictEqual(this.#told, { ready, drawing, usedMs: this.#usedMs });
    const soonMs = Math.max(TELL_AT_LEAST_MS, TELL_EVERY_MS * this.#workers().length);
    const everyMs = ready === this.#told.ready ? Math.max(WEIGHT_EVERY_MS, soonMs) : soonMs;
    const tellInMs = isTold ? Infinity : this.#toldMs + everyMs - performance.now();
    if (tellInMs <= 0) this.tell();
    this.#lookIn(Math.min(nextInMs, tellInMs > 0 ? tellInMs : Infinity));
  }

  #lookIn(ms: number): void {
    if (ms < Infinity) this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(ms)));
  }
}
