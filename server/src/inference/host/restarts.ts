import type { WorkerEnd } from './worker-run.js';

export interface RestartsOptions {
  /** Delay before the first restart in ms; it doubles with each death up to the longest. */
  readonly restartMs: { readonly first: number; readonly longest: number };
  readonly silentMs: number;
}

/** Attempts to load a model at the start. A worker that dies meanwhile may have been killed by chance. */
const START_ATTEMPTS = 2;
/** On an overloaded machine a worker may be silent for long; the bound doubles up to this. */
const LONGEST_SILENT_MS = 60_000;

/** Decides when a worker is started again, and how long it may then be silent. */
export class Restarts {
  readonly #options: RestartsOptions;
  /** Since the worker was last healthy. */
  #deaths = 0;
  #silentMs: number;

  constructor(options: RestartsOptions) {
    this.#options = options;
    this.#silentMs = options.silentMs;
  }

  /** The longest silence allowed now, in ms. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** The worker works: earlier failures no longer count. */
  reset(): void {
    this.#deaths = 0;
    this.#silentMs = this.#options.silentMs;
  }

  /** A worker that served for this long, in ms, was healthy, even if no images were asked of it. */
  get healthyMs(): number {
    return this.#options.restartMs.longest;
  }

  /** Whether another attempt to load the model would end the same way. */
  isHopeless(attempt: number, { wasSilent, tookTooLong }: WorkerEnd): boolean {
    if (wasSilent) return this.#silentMs === LONGEST_SILENT_MS;
    return tookTooLong || attempt >= START_ATTEMPTS;
  }

  /** Notes a death. @returns the delay before the next start, in ms */
  nextDelayMs({ wasSilent }: WorkerEnd): number {
    const { first, longest } = this.#options.restartMs;
    if (wasSilent) this.#silentMs = Math.min(LONGEST_SILENT_MS, 2 * this.#silentMs);
    return Math.min(longest, first * 2 ** this.#deaths++);
  }
}
