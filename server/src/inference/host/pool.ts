import { totalmem } from 'node:os';
import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { availableCores } from './cores.js';
import { BEST_FIRST, parseDevice } from '../device-name.js';
import {
  frameMs,
  type DeviceWorker,
  type InferenceExecutor,
  type Measured,
  type Rendering,
  type RenderOptions,
  type RenderRequest,
  type ServedModel,
  type WorkerEvents,
} from '../contract.js';
import { FakeWorker, parseFakeDevice } from './fake.js';
import { whyNoGraphics } from './graphics-hardware.js';
import type { WorkerOptions } from '../messages.js';
import { WorkerExecutor } from './worker-executor.js';
import type { WorkerBounds } from './worker-process.js';

export interface ExecutorPoolOptions {
  readonly worker: WorkerOptions;
  /** Workers of each device; 0 measures, where a device can be shared at all. */
  readonly workers: number;
  readonly log: Logger;
  readonly bounds: WorkerBounds;
  readonly restartMs: { readonly first: number; readonly longest: number };
}

interface Layout {
  readonly count: number;
  /** Threads of each worker. */
  readonly threads: number;
}

interface MeasuredLayout extends Measured {
  readonly workers: DeviceWorker[];
}

/** More workers have to bring this much, because each holds the whole model. */
const WORTHWHILE = 1.1;
/** A model whose picture takes longer than this, in ms, fills the cores by itself. */
const LARGE_MODEL_MS = 2_000;
/** What a picture is, when devices and layouts are compared. */
const USUAL_PICTURE = { steps: 2, guidance: 1 };
/** Share of the machine's memory that all workers together may take. */
const MEMORY_SHARE = 0.6;
/** Workers of a device that nobody measured. */
const UNMEASURED = 1;

/**
 * All devices as one. A session is placed on the least busy worker and stays there, because that one knows its prompt
 * and noise, until that has no room, is busier than another, or dies. What it costs to learn a prompt again is little beside
 * a device that waits: of four sessions on two workers, three on one would leave the other idle for a third of the time.
 */
export class ExecutorPool implements InferenceExecutor {
  readonly #options: ExecutorPoolOptions;
  readonly #events: WorkerEvents;
  readonly #homes = new WeakMap<object, DeviceWorker>();
  /** Sessions placed on each worker so far: among equally busy ones the next goes where the fewest went. */
  readonly #placed = new Map<DeviceWorker, number>();
  #workers: DeviceWorker[] = [];
  #roomWanted: (() => void) | undefined;
  #observer: Omit<WorkerEvents, 'onRoom'> | undefined;

  private constructor(options: ExecutorPoolOptions) {
    this.#options = options;
    this.#events = {
      onRoom: () => this.#tellRoom(),
      onDeath: () => this.#observer?.onDeath(),
      onCalls: (calls, rows) => this.#observer?.onCalls(calls, rows),
    };
  }

  /**
   * Starts the workers and waits until their model is loaded.
   *
   * @throws UsageError when the model cannot be used
   */
  static async start(options: ExecutorPoolOptions): Promise<ExecutorPool> {
    const pool = new ExecutorPool(options);
    const devices = options.worker.device.split(',').map((device) => device.trim());
    for (const device of devices) if (device !== 'auto' && !parseFakeDevice(device)) parseDevice(device);
    const started = devices.map((device) => (device === 'auto' ? pool.#startBest() : pool.#startDevice(device)));
    pool.#workers = (await allOrNone(started, (workers) => stopAll(workers, 0))).flat();
    return pool;
  }

  /** Names who is told of deaths and of UNet calls. */
  observe(observer: Omit<WorkerEvents, 'onRoom'>): void {
    this.#observer = observer;
  }

  get model(): ServedModel {
    return this.#workers[0]!.model;
  }

  /** Whether frames can be served at all: one worker is enough. */
  get isReady(): boolean {
    return this.#workers.some(({ isReady }) => isReady);
  }

  get workers(): readonly DeviceWorker[] {
    return this.#workers;
  }

  room(signal: AbortSignal): Promise<void> {
    if (this.#workers.some(({ room }) => room > 0)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#roomWanted = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
    });
  }

  render(request: RenderRequest, options: RenderOptions): Rendering {
    return this.#place(options.owner).render(request, options);
  }

  #place(owner: object): DeviceWorker {
    const home = this.#homes.get(owner);
    const best = this.#leastBusy();
    if (home === best || (home && home.room > 0 && home.load <= best.load)) return home;
    this.#homes.set(owner, best);
    this.#placed.set(best, this.#placedOn(best) + 1);
    return best;
  }

  #placedOn(worker: DeviceWorker): number {
    return this.#placed.get(worker) ?? 0;
  }

  async stop(deadlineMs: number): Promise<void> {
    await stopAll(this.#workers, deadlineMs);
  }

  #leastBusy(): DeviceWorker {
    const able = this.#workers.filter(({ room }) => room > 0);
    const isBetter = (a: DeviceWorker, b: DeviceWorker) =>
      a.load < b.load || (a.load === b.load && this.#placedOn(a) < this.#placedOn(b));
    return (able.length > 0 ? able : this.#workers).reduce((best, one) => (isBetter(one, best) ? one : best));
  }

  #tellRoom(): void {
    if (!this.#workers.some(({ room }) => room > 0)) return;
    const wanted = this.#roomWanted;
    this.#roomWanted = undefined;
    wanted?.();
  }

  /** The first device that really starts; which, and why the others did not, is logged. */
  async #startBest(): Promise<DeviceWorker[]> {
    const { log } = this.#options;
    for (const device of BEST_FIRST) {
      const workers = await this.#tryDevice(device);
      if (typeof workers === 'string') {
        log.info({ device, reason: workers }, 'device not usable');
      } else {
        log.info({ device }, 'device chosen');
        return workers;
      }
    }
    log.info({ device: 'cpu' }, 'device chosen');
    return this.#startDevice('cpu');
  }

  /** Its workers, or why `auto` does not take it. */
  async #tryDevice(device: string): Promise<DeviceWorker[] | string> {
    const reason = device === 'webgpu' ? whyNoGraphics(process.platform) : undefined;
    if (reason) return reason;
    try {
      return await this.#startDevice(device);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }

  async #startDevice(device: string): Promise<DeviceWorker[]> {
    const { worker, workers } = this.#options;
    const fake = parseFakeDevice(device);
    if (fake) return [new FakeWorker(fake, worker, this.#events)];
    const cores = device === 'cpu' ? availableCores() : 1;
    if (workers > 0 || worker.threads > 0 || cores === 1) {
      const count = workers || UNMEASURED;
      return this.#startWorkers(device, { count, threads: worker.threads || Math.ceil(cores / count) });
    }
    return this.#measureLayout(device, cores);
  }

  /**
   * Twice as many workers with half the threads each, as long as that makes more pictures a second. A layout that cannot
   * be measured, because a worker of it ends, is not better; the first one is kept in any case.
   */
  async #measureLayout(device: string, cores: number): Promise<DeviceWorker[]> {
    const one = { count: 1, threads: cores };
    const first = await this.#startWorkers(device, one);
    if (frameMs(first[0]!.model, USUAL_PICTURE) > LARGE_MODEL_MS) return first;
    let best = await this.#measure(first, one);
    if (!best) return first;
    const most = Math.min(cores, Math.floor((MEMORY_SHARE * totalmem()) / best.residentBytes));
    for (let count = 2; count <= most; count *= 2) {
      const layout = { count, threads: Math.floor(cores / count) };
      const workers = await this.#tryLayout(device, layout);
      const next = await this.#measure(workers, layout);
      const isBetter = next && next.framesPerSecond > WORTHWHILE * best.framesPerSecond;
      await stopAll(isBetter ? best.workers : workers, 0);
      if (!isBetter) break;
      best = next;
    }
    return best.workers;
  }

  /** Its workers; none where they do not start, as when there is too little memory for so many. */
  async #tryLayout(device: string, layout: Layout): Promise<DeviceWorker[]> {
    try {
      return await this.#startWorkers(device, layout);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#options.log.warn({ ...layout, reason: error.message }, 'layout not usable');
      return [];
    }
  }

  async #measure(workers: DeviceWorker[], layout: Layout): Promise<MeasuredLayout | undefined> {
    const answers = await Promise.all(workers.map((worker) => worker.measure()));
    const measured = answers.filter((one) => one !== undefined);
    if (measured.length < layout.count) return undefined;
    const framesPerSecond = measured.reduce((sum, one) => sum + one.framesPerSecond, 0);
    const residentBytes = Math.max(...measured.map((one) => one.residentBytes));
    this.#options.log.debug({ ...layout, framesPerSecond, residentBytes }, 'layout measured');
    return { workers, framesPerSecond, residentBytes };
  }

  #startWorkers(device: string, { count, threads }: Layout): Promise<DeviceWorker[]> {
    const { worker, log, bounds, restartMs } = this.#options;
    const options = { worker: { ...worker, device, threads }, log, bounds, restartMs, events: this.#events };
    const started = Array.from({ length: count }, () => WorkerExecutor.start(options));
    return allOrNone(started, (worker) => worker.stop(0));
  }
}

async function stopAll(workers: readonly DeviceWorker[], deadlineMs: number): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop(deadlineMs)));
}

/** What all of them become; when one fails the others are undone, so that nothing keeps running, and its error is thrown. */
async function allOrNone<T>(started: readonly Promise<T>[], undo: (value: T) => Promise<void>): Promise<T[]> {
  try {
    return await Promise.all(started);
  } catch (error) {
    const ends = await Promise.allSettled(started);
    await Promise.all(ends.map((end) => (end.status === 'fulfilled' ? undo(end.value) : undefined)));
    throw error;
  }
}
