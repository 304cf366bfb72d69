import type { InferenceExecutor, Rendering, RenderOptions, RenderRequest, ServedModel } from '../contract.js';
import type { DeviceWorker, WorkerEvents } from './device-worker.js';
import { startDevices, type DevicesOptions } from './devices.js';
import { Placement } from './placement.js';
import type { Demand, WorkerGroup } from './worker-group.js';

/** The number of people is looked at so often, ms. */
const LOOK_EVERY_MS = 500;

/** All workers of all devices as one executor. */
export class ExecutorPool implements InferenceExecutor {
  readonly #placement = new Placement();
  #groups: readonly WorkerGroup[] = [];
  #lookTimer: NodeJS.Timeout | undefined;
  #onFree: (() => void) | undefined;
  #observer: Omit<WorkerEvents, 'onCapacity'> | undefined;

  private constructor() {}

  /**
   * Starts the workers and waits until their models are loaded.
   *
   * @throws UsageError when a device does not exist, or the model cannot be used
   */
  static async start(options: DevicesOptions): Promise<ExecutorPool> {
    const pool = new ExecutorPool();
    pool.#groups = await startDevices(options, {
      onCapacity: () => pool.#handleCapacity(),
      onDeath: () => pool.#observer?.onDeath(),
      onCalls: (calls, rows) => pool.#observer?.onCalls(calls, rows),
    });
    return pool;
  }

  /** Sets the observer of deaths and UNet calls. */
  observe(observer: Omit<WorkerEvents, 'onCapacity'>): void {
    this.#observer = observer;
  }

  get model(): ServedModel {
    return this.workers[0]!.model;
  }

  /** Whether at least one worker is ready. */
  get isReady(): boolean {
    return this.workers.some(({ isReady }) => isReady);
  }

  /** Those that take frames. */
  get workers(): readonly DeviceWorker[] {
    return this.#groups.flatMap(({ workers }) => workers);
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

  untilFree(signal: AbortSignal): Promise<void> {
    if (this.#hasCapacity) return Promise.resolve();
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
    for (const group of this.#groups) group.handleFrame();
    return this.#placement.place(options.owner, this.workers).render(request, options);
  }

  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#lookTimer);
    await Promise.all(this.#groups.map((group) => group.stop(deadlineMs)));
  }

  get #hasCapacity(): boolean {
    return this.workers.some(({ capacity }) => capacity > 0);
  }

  #handleCapacity(): void {
    if (!this.#hasCapacity) return;
    const onFree = this.#onFree;
    this.#onFree = undefined;
    onFree?.();
  }
}
