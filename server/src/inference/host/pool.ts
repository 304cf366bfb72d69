import type { InferenceExecutor, Rendering, RenderOptions, RenderRequest, ServedModel } from '../contract.js';
import type { DeviceWorker, WorkerEvents } from './device-worker.js';
import { startDevices, type DevicesOptions } from './devices.js';
import { workerDied } from './frames-in-flight.js';
import { Placement } from './placement.js';
import type { Line } from './remote/demand-teller.js';
import type { RemoteWorkers } from './remote/remote-workers.js';
import type { Demand, WorkerGroup } from './worker-group.js';

export interface PoolOptions extends DevicesOptions {
  /** Workers elsewhere, beside the own ones or in place of them. */
  readonly remote?: RemoteWorkers | undefined;
}

/** Events of all workers together. */
type PoolObserver = Omit<WorkerEvents, 'onCapacity'> & Partial<WorkerEvents>;

/** The number of people is looked at so often, ms. */
const LOOK_EVERY_MS = 500;

/** All workers of all devices as one executor. */
export class ExecutorPool implements InferenceExecutor {
  readonly #placement = new Placement();
  #groups: readonly WorkerGroup[] = [];
  #lookTimer: NodeJS.Timeout | undefined;
  #onFree: (() => void) | undefined;
  #observer: PoolObserver | undefined;
  readonly #remote: RemoteWorkers | undefined;
  /** Of the last worker, while there is none. */
  #model: ServedModel | undefined;

  private constructor(remote: RemoteWorkers | undefined) {
    this.#remote = remote;
  }

  /**
   * Starts the workers and waits until their models are loaded. With no own workers, waits for one elsewhere.
   *
   * @throws UsageError when a device does not exist, or the model cannot be used
   */
  static async start({ remote, ...options }: PoolOptions): Promise<ExecutorPool> {
    const pool = new ExecutorPool(remote);
    const events: WorkerEvents = {
      onCapacity: () => pool.#handleCapacity(),
      onDeath: () => pool.#observer?.onDeath(),
      onCalls: (calls, rows) => pool.#observer?.onCalls(calls, rows),
    };
    const own = options.workers === 0 ? [] : await startDevices(options, events);
    pool.#groups = remote ? [...own, remote] : own;
    pool.#model = await remote?.start(events, own[0]?.workers[0]!.model);
    return pool;
  }

  /** Sets the observer of deaths and UNet calls. */
  observe(observer: PoolObserver): void {
    this.#observer = observer;
  }

  get model(): ServedModel {
    return this.workers[0]?.model ?? this.#model!;
  }

  /** Whether at least one worker is ready. */
  get isReady(): boolean {
    return this.workers.some(({ isReady }) => isReady);
  }

  /** Those that take frames. */
  get workers(): readonly DeviceWorker[] {
    return this.#groups.flatMap(({ workers }) => workers);
  }

  /** Rows of one UNet call at most, of the workers of this process. */
  get ownRows(): number {
    const own = this.workers.filter(({ host }) => host === undefined);
    return Math.max(0, ...own.map(({ model }) => model.pace.maxRows));
  }

  /** Tells workers elsewhere of the frames that wait. */
  watch(line: Line): void {
    this.#remote?.watch(line);
  }

  /** Lets the layouts of the workers follow the number of people. */
  follow(demand: Demand): void {
    this.#lookTimer = setInterval(() => {
      for (const group of this.#groups) group.adapt(demand);
    }, LOOK_EVERY_MS);
  }

  /**
   * How many frames of this many steps can run at once and each takes little longer than alone. More frames of one canvas
   * than steps would end in the same call, and only the newest of them would be seen.
   */
  easyFrames(steps: number): number {
    return this.#ready.reduce((sum, { model }) => sum + Math.min(model.pace.easyRows, steps), 0);
  }

  /** Whether devices have one of these frames at a time, and so nothing to do between two of one canvas. */
  idlesBetweenFrames(steps: number): boolean {
    return this.easyFrames(steps) === this.#ready.length;
  }

  get #ready(): readonly DeviceWorker[] {
    return this.workers.filter(({ isReady }) => isReady);
  }

  /** How many more frames would start right away. */
  get capacity(): number {
    return this.workers.reduce((sum, { capacity }) => sum + Math.max(0, capacity), 0);
  }

  async untilFree(signal: AbortSignal): Promise<void> {
    // A grant may be recalled before its news gets here.
    while (this.capacity === 0) await this.#nextCapacity(signal);
  }

  #nextCapacity(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#onFree = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
    });
  }

  render(request: RenderRequest, options: RenderOptions): Rendering {
    for (const group of this.#groups) group.handleFrame(request);
    const { workers } = this;
    if (workers.length === 0) return { outcome: Promise.reject(workerDied()), cancel: () => undefined };
    return this.#placement.place(options.owner, workers).render(request, options);
  }

  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#lookTimer);
    await Promise.all(this.#groups.map((group) => group.stop(deadlineMs)));
  }

  #handleCapacity(): void {
    if (this.capacity === 0) return;
    this.#observer?.onCapacity?.();
    const onFree = this.#onFree;
    this.#onFree = undefined;
    onFree?.();
  }
}
