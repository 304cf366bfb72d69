import type { Logger } from './logger.js';

/**
 * One budget of time for all parts of a stop. The parts follow each other, and each must be over when a share of the
 * budget is used up: a part that hangs costs its own share, and the parts after it still have time.
 */
export class Drain {
  readonly #startMs = performance.now();
  readonly #budgetMs: number;
  readonly #log: Logger;

  constructor(budgetMs: number, log: Logger) {
    this.#budgetMs = budgetMs;
    this.#log = log;
  }

  /** Time left until that share of the budget is used up, in ms. */
  leftMs(share: number): number {
    return Math.max(0, this.#startMs + share * this.#budgetMs - performance.now());
  }

  /** Waits for the work until that share of the budget is used up; false if it is not done by then, or failed. */
  async until(share: number, work: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), this.leftMs(share))));
    const isDone = await Promise.race([this.#isDone(work), late]);
    clearTimeout(timer);
    return isDone;
  }

  /** A failure must not stop the stop. */
  async #isDone(work: Promise<unknown>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      this.#log.error({ err: error }, 'a part of the stop failed');
      return false;
    }
  }
}
