/** The next cohort waits for frames for this share of the time that the last one took. */
const GATHER_SHARE = 0.1;

/**
 * Decides when frames start on a graph that takes one timestep for all rows. They start together, in a cohort, because
 * each timestep costs a call of its own. Sessions send their next frame a moment after they were answered; a short wait
 * brings them into the next cohort, which would otherwise stay split in two.
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

  /** A cohort of `rows` starts. */
  start(rows: number): void {
    this.#rows = rows;
    this.#startedMs = this.#now();
  }

  /** Its last row is done, and `waitingRows` are already waiting. */
  end(waitingRows: number): void {
    const nowMs = this.#now();
    this.#expected = this.#rows + waitingRows;
    this.#gatherUntilMs = nowMs + GATHER_SHARE * (nowMs - this.#startedMs);
  }

  /** How long to wait for more rows than these, in ms. */
  gatherMs(waitingRows: number): number {
    return waitingRows >= this.#expected ? 0 : Math.max(0, this.#gatherUntilMs - this.#now());
  }
}
