import type { InferenceExecutor, Rendering, RenderOptions, RenderRequest, ServedModel } from '../contract.js';
import type { DeviceWorker, WorkerEvents } from './device-worker.js';
import { startDevices, type DevicesOptions } from './devices.js';
import { Placement } from './placement.js';
import { stopAll } from './starting.js';

/** All workers of all devices as one executor. */
export class ExecutorPool implements InferenceExecutor {
  readonly #placement = new Placement();
  #workers: DeviceWorker[] = [];
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
    pool.#workers = await startDevices(options, {
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
    return this.#workers[0]!.model;
  }

  /** Whether at least one worker is ready. */
  get isReady(): boolean {
    return this.#workers.some(({ isReady }) => isReady);
  }

  get workers(): readonly DeviceWorker[] {
    return this.#workers;
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
    return this.#placement.place(options.owner, this.#workers).render(request, options);
  }

  async stop(deadlineMs: number): Promise<void> {
    await stopAll(this.#workers, deadlineMs);
  }

  get #hasCapacity(): boolean {
    return this.#workers.some(({ capacity }) => capacity > 0);
  }

  #handleCapacity(): void {
    if (!this.#hasCapacity) return;
    const onFree = this.#onFree;
    this.#onFree = undefined;
    onFree?.();
  }
}
