import type { Logger } from './logger.js';

/**
 * One budget of time for everything that a stop does. Its parts follow each other, and each has to be over when a share
 * of the whole is: what hangs costs its own share, and what comes after it still has time.
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

  /** Waits for the work until that share of the budget is used up; false when it goes on, or failed. */
  async until(share: number, work: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), this.leftMs(share))));
    const isDone = await Promise.race([this.#isDone(work), late]);
    clearTimeout(timer);
    return isDone;
  }

  /** What fails must not keep the rest of the stop from being done. */
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
