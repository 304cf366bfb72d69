/** Share of the time that a cohort took for which the next one waits for those who were just answered. */
const GATHER_SHARE = 0.1;

/**
 * When frames start on a graph that takes one timestep for all rows: together, because rows at different timesteps cost
 * a call each. Those who were answered by one cohort send their next frame a moment later; a short wait has them in the
 * next one, which otherwise would go on in two halves for ever.
 *
 * Times are ms on the clock that is passed in.
 */
export class Cohorts {
  readonly #now: () => number;
  #rows = 0;
  #startedMs = 0;
  #expected = 0;
  #gatherUntilMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** So many rows start. */
  start(rows: number): void {
    this.#rows = rows;
    this.#startedMs = this.#now();
  }

  /** The last of them is done, and so many others wait already. */
  end(waitingRows: number): void {
    const nowMs = this.#now();
    this.#expected = this.#rows + waitingRows;
    this.#gatherUntilMs = nowMs + GATHER_SHARE * (nowMs - this.#startedMs);
  }

  /** How long it is still worth waiting for more than these rows, in ms. */
  gatherMs(waitingRows: number): number {
    return waitingRows >= this.#expected ? 0 : Math.max(0, this.#gatherUntilMs - this.#now());
  }
}
