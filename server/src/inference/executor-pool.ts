import { availableParallelism, totalmem } from 'node:os';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import type {
  DeviceWorker,
  InferenceExecutor,
  Measured,
  Rendering,
  RenderOptions,
  RenderRequest,
  ServedModel,
  WorkerEvents,
} from './executor.js';
import { FakeWorker, parseFakeDevice } from './fake-worker.js';
import type { WorkerOptions } from './messages.js';
import { WorkerExecutor } from './worker-executor.js';

export interface ExecutorPoolOptions {
  readonly worker: WorkerOptions;
  /** Workers of each device; 0 measures, where a device can be shared at all. */
  readonly workers: number;
  readonly log: Logger;
  readonly hangMs: number;
  readonly restartMs: { readonly first: number; readonly longest: number };
}

interface Layout {
  readonly count: number;
  /** Threads of each worker. */
  readonly threads: number;
}

/** What `auto` tries; tensorrt is for who asks for it, because it builds its engines for minutes. */
const BEST_FIRST = ['cuda', 'webgpu', 'cpu'];
/** More workers have to bring this much, because each holds the whole model. */
const WORTHWHILE = 1.1;
/** Share of the machine's memory that all workers together may take. */
const MEMORY_SHARE = 0.6;
/** Workers of a device that nobody measured. */
const UNMEASURED = 1;

/** Frames by which a session's worker may be busier than another before the session moves. */
function slackOf({ model }: DeviceWorker): number {
  return Math.floor(model.pace.maxRows / 4);
}

/**
 * All devices as one. A session is placed on the least busy worker and stays there, because that one knows its prompt
 * and noise, until it has no room, is clearly busier than another, or dies: no device is idle while a frame waits.
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
    for (const device of options.worker.device.split(',')) {
      pool.#workers.push(...(await (device === 'auto' ? pool.#startBest() : pool.#startDevice(device))));
    }
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
    if (home === best || (home && home.room > 0 && home.load <= best.load + slackOf(home))) return home;
    this.#homes.set(owner, best);
    this.#placed.set(best, this.#placedOn(best) + 1);
    return best;
  }

  #placedOn(worker: DeviceWorker): number {
    return this.#placed.get(worker) ?? 0;
  }

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop(deadlineMs)));
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

  /** The first device that really starts; why the others did not is logged. */
  async #startBest(): Promise<DeviceWorker[]> {
    for (const device of BEST_FIRST) {
      try {
        const workers = await this.#startDevice(device);
        this.#options.log.info({ device }, 'device chosen');
        return workers;
      } catch (error) {
        if (!(error instanceof UsageError) || device === BEST_FIRST.at(-1)) throw error;
        this.#options.log.info({ device, reason: error.message }, 'device not usable');
      }
    }
    throw new Error('the last device has started or failed');
  }

  async #startDevice(device: string): Promise<DeviceWorker[]> {
    const { worker, workers } = this.#options;
    const fake = parseFakeDevice(device);
    if (fake) return [new FakeWorker(fake, worker.maxRows, this.#events)];
    const cores = device === 'cpu' ? availableParallelism() : 1;
    if (workers > 0 || worker.threads > 0 || cores === 1) {
      const count = workers || UNMEASURED;
      return this.#startWorkers(device, { count, threads: worker.threads || Math.ceil(cores / count) });
    }
    return this.#measureLayout(device, cores);
  }

  /** Twice as many workers with half the threads each, as long as that makes more pictures a second. */
  async #measureLayout(device: string, cores: number): Promise<DeviceWorker[]> {
    let best = await this.#tryLayout(device, { count: 1, threads: cores });
    const most = Math.min(cores, Math.floor((MEMORY_SHARE * totalmem()) / best.residentBytes));
    for (let count = 2; count <= most; count *= 2) {
      const next = await this.#tryLayout(device, { count, threads: Math.floor(cores / count) });
      const isBetter = next.framesPerSecond > WORTHWHILE * best.framesPerSecond;
      const left = isBetter ? best : next;
      if (isBetter) best = next;
      await Promise.all(left.workers.map((worker) => worker.stop(0)));
      if (!isBetter) break;
    }
    return best.workers;
  }

  async #tryLayout(device: string, layout: Layout): Promise<Measured & { readonly workers: DeviceWorker[] }> {
    const workers = await this.#startWorkers(device, layout);
    const measured = await Promise.all(workers.map((worker) => worker.measure()));
    const framesPerSecond = measured.reduce((sum, one) => sum + one.framesPerSecond, 0);
    const residentBytes = Math.max(...measured.map((one) => one.residentBytes));
    this.#options.log.debug({ ...layout, framesPerSecond, residentBytes }, 'layout measured');
    return { workers, framesPerSecond, residentBytes };
  }

  #startWorkers(device: string, { count, threads }: Layout): Promise<DeviceWorker[]> {
    const { worker, log, hangMs, restartMs } = this.#options;
    const options = { worker: { ...worker, device, threads }, log, hangMs, restartMs, events: this.#events };
    return Promise.all(Array.from({ length: count }, () => WorkerExecutor.start(options)));
  }
}
