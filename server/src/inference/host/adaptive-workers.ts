import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Measurements } from '../measurements.js';
import type { DeviceWorker } from './device-worker.js';
import { layoutFor, oneWorker, usualLayouts, type Layout, type RatedLayout } from './layout.js';
import { tryLayouts, type StartWorkers } from './layout-trial.js';
import { stopAll } from './starting.js';
import type { Demand, WorkerGroup } from './worker-group.js';

export interface AdaptiveWorkersOptions {
  readonly cores: number;
  readonly start: StartWorkers;
  /** The measurements of a model, by the `speedKey` of its workers. */
  readonly measurementsOf: (speedKey: string) => Pick<Measurements, 'read' | 'keep'>;
  /** The workers that take frames have changed. */
  readonly onChange: () => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** A change of the layout, or a trial of layouts. */
interface Task {
  readonly isTrial: boolean;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Layouts were compared on a busy machine if a picture took so much longer then. */
const OUTDATED = 0.75;
/** More people must be seen so often in a row: the first frame of a page that somebody opens is no crowd. */
const CROWDED_LOOKS = 3;
/** Layouts are tried when no frame has come for so long, ms. */
const IDLE_MS = 2_000;
/** After a layout that did not start, or a worker that did not survive its measurement, ms. */
const RETRY_MS = 60_000;
const LOAD_LOOK_MS = 10;
/** Time for a worker without frames to free its model, ms. */
const RETIRE_MS = 5_000;

/**
 * The workers of a processor. Their layout follows the number of people: all cores for one picture while one person draws,
 * if the threads help each other enough, and more workers with fewer threads while many do. The new workers start beside the
 * old ones, take over when all are ready, and the old ones finish their frames.
 *
 * How fast the layouts are is measured once for a model on a machine, while nobody draws.
 */
export class AdaptiveWorkers implements WorkerGroup {
  readonly #options: AdaptiveWorkersOptions;
  readonly #measurements: Pick<Measurements, 'read' | 'keep'>;
  #workers: readonly DeviceWorker[];
  #retiring: readonly DeviceWorker[] = [];
  #layout: Layout;
  #layouts: readonly RatedLayout[];
  #isMeasured: boolean;
  #task: Task | undefined;
  #isStopped = false;
  #crowdedLooks = 0;
  #idleSinceMs: number;
  #notBeforeMs = -Infinity;
  #nextTrialMs = -Infinity;

  private constructor(
    options: AdaptiveWorkersOptions,
    worker: DeviceWorker,
    known: readonly RatedLayout[] | undefined,
  ) {
    const { cores, measurementsOf, now } = options;
    this.#options = options;
    this.#measurements = measurementsOf(worker.speedKey);
    this.#workers = [worker];
    this.#layout = oneWorker(cores);
    this.#layouts = known ?? usualLayouts(cores, worker);
    this.#isMeasured = known !== undefined;
    this.#idleSinceMs = now();
  }

  /** Starts one worker with all cores. */
  static async start(options: AdaptiveWorkersOptions): Promise<AdaptiveWorkers> {
    const { cores, start, measurementsOf } = options;
    const worker = (await start(oneWorker(cores)))[0]!;
    const known = await measurementsOf(worker.speedKey).read(['layouts', cores], isCompared);
    const holds = known && worker.model.pace.aloneMs > OUTDATED * known.aloneMs;
    return new AdaptiveWorkers(options, worker, holds ? known.layouts : undefined);
  }

  get workers(): readonly DeviceWorker[] {
    return this.#workers;
  }

  handleFrame(): void {
    this.#idleSinceMs = this.#options.now();
    if (this.#task?.isTrial) this.#task.abort.abort(new Error('a frame came'));
  }

  adapt(demand: Demand): void {
    const wanted = this.#wanted(demand);
    const nowMs = this.#options.now();
    if (this.#task || this.#isStopped || nowMs < this.#notBeforeMs) return;
    if (wanted.count !== this.#layout.count) return this.#begin(false, (signal) => this.#change(wanted, signal));
    const isIdle = this.#layout.count === 1 && demand.now === 0 && nowMs - this.#idleSinceMs >= IDLE_MS;
    if (isIdle && !this.#isMeasured && nowMs >= this.#nextTrialMs) this.#begin(true, (signal) => this.#measure(signal));
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    this.#task?.abort.abort(new Error('the workers stop'));
    await Promise.all([this.#task?.done, stopAll([...this.#workers, ...this.#retiring], deadlineMs)]);
  }

  /** Grows soon, when there are more people now, and shrinks late, when there have been fewer for a while. */
  #wanted({ now, lately }: Demand): Layout {
    // Without anybody it is ready for the first one.
    const wantedBy = (people: number): Layout => layoutFor(Math.max(1, people), this.#layouts);
    const [large, small] = [wantedBy(now), wantedBy(lately)];
    this.#crowdedLooks = large.count > this.#layout.count ? this.#crowdedLooks + 1 : 0;
    if (this.#crowdedLooks >= CROWDED_LOOKS) return large;
    return small.count < this.#layout.count ? small : this.#layout;
  }

  #begin(isTrial: boolean, work: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController();
    const done = work(abort.signal)
      .catch((error: unknown) => this.#handleFailed(error, abort.signal))
      .finally(() => (this.#task = undefined));
    this.#task = { isTrial, abort, done };
  }

  async #change(layout: Layout, signal: AbortSignal): Promise<void> {
    const { start, onChange, log } = this.#options;
    const next = await start(layout, signal);
    if (signal.aborted) return stopAll(next, 0);
    const old = this.#workers;
    this.#retiring = old;
    this.#workers = next;
    this.#layout = layout;
    log.info({ ...layout }, 'worker layout changed');
    onChange();
    await Promise.all(old.map((worker) => retire(worker, signal)));
    this.#retiring = [];
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const { cores, start, log, now } = this.#options;
    const [worker] = this.#workers;
    const layouts = await tryLayouts(worker!, { cores, start, log, signal });
    if (!layouts) {
      this.#nextTrialMs = now() + RETRY_MS;
      return;
    }
    this.#layouts = layouts;
    this.#isMeasured = true;
    log.info({ layouts }, 'worker layouts measured');
    const { aloneMs } = worker!.model.pace;
    await this.#measurements.keep(['layouts', cores], { layouts, aloneMs } satisfies Compared);
  }

  #handleFailed(error: unknown, { aborted }: AbortSignal): void {
    if (aborted) return;
    if (!(error instanceof UsageError)) throw error;
    this.#options.log.warn({ reason: error.message }, 'the worker layout cannot be changed');
    this.#notBeforeMs = this.#options.now() + RETRY_MS;
  }
}

/** Ends a worker that gets no more frames, once it has finished those it has. */
async function retire(worker: DeviceWorker, signal: AbortSignal): Promise<void> {
  while (worker.load > 0 && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, LOAD_LOOK_MS));
  await worker.stop(RETIRE_MS);
}

/** The layouts worth having, as they are kept between starts. */
interface Compared {
  readonly layouts: readonly RatedLayout[];
  /** Of the model, when they were compared. */
  readonly aloneMs: number;
}

function isCompared(value: unknown): value is Compared {
  const { layouts, aloneMs } = value as Partial<Record<keyof Compared, unknown>>;
  return typeof aloneMs === 'number' && Array.isArray(layouts) && layouts.length > 0 && layouts.every(isRated);
}

function isRated(value: unknown): value is RatedLayout {
  const { count, threads, rate } = value as Partial<RatedLayout>;
  return Number.isInteger(count) && Number.isInteger(threads) && typeof rate === 'number' && rate > 0;
}
