import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import {
  frameMs,
  requestMs,
  type Measured,
  type Rendering,
  type RenderOptions,
  type RenderRequest,
  type ServedModel,
  type Startup,
} from '../contract.js';
import type { OpenLink } from '../link/link.js';
import type { FromWorker, WorkerOptions } from '../messages.js';
import type { DeviceWorker, WorkerEvents } from './device-worker.js';
import { FramesInFlight, workerDied } from './frames-in-flight.js';
import { Granted } from './granted.js';
import { Restarts } from './restarts.js';
import { explainEnd, WorkerRun, type WorkerBounds, type WorkerEnd } from './worker-run.js';

export interface WorkerExecutorOptions {
  readonly openLink: OpenLink;
  readonly worker: WorkerOptions;
  readonly log: Logger;
  readonly events: WorkerEvents;
  readonly bounds: WorkerBounds;
  /** Delay before the first restart in ms; it doubles up to the longest. */
  readonly restartMs: { readonly first: number; readonly longest: number };
  /** As of `DevicesOptions`. */
  readonly aheadMs?: number | undefined;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
}

/** A device must answer within the time of this many frames. */
const HANG_FRAMES = 10;

type State =
  | { readonly is: 'starting'; readonly attempt: number; readonly settle: (error?: Error) => void }
  | { readonly is: 'serving' }
  /** Stopped, or unusable from the start: it is not started again. */
  | { readonly is: 'over' };

/**
 * Owns one worker: starts it, restarts it when it dies, matches its answers to the frames sent, and knows its capacity.
 */
export class WorkerExecutor implements DeviceWorker {
  readonly #options: WorkerExecutorOptions;
  readonly #frames = new FramesInFlight();
  readonly #granted: Granted;
  readonly #restarts: Restarts;
  #state: State = { is: 'over' };
  #run: WorkerRun | undefined;
  #model: ServedModel | undefined;
  #startup: Startup | undefined;
  #speedKey = '';
  #maxRows: number;
  #isReady = false;
  #readyMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #measured: ((measured: Measured | undefined) => void) | undefined;
  #lastWarning = '';

  private constructor(options: WorkerExecutorOptions) {
    const { worker, bounds, restartMs } = options;
    this.#options = options;
    this.#maxRows = worker.maxRows;
    this.#granted = new Granted(options.events.onCapacity, options.aheadMs);
    this.#restarts = new Restarts({ restartMs, silentMs: bounds.silentMs });
  }

  /**
   * Starts a worker and waits until its model is loaded.
   *
   * @throws UsageError when the model cannot be used, or the worker repeatedly ends while loading it
   * @throws the reason of the signal, once the worker is gone
   */
  static async start(options: WorkerExecutorOptions): Promise<WorkerExecutor> {
    const { signal } = options;
    signal?.throwIfAborted();
    const executor = new WorkerExecutor(options);
    let onAbort = (): void => undefined;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => (error ? reject(error) : resolve());
      onAbort = () => void executor.stop(0).then(() => reject(signal!.reason as Error));
      signal?.addEventListener('abort', onAbort);
      executor.#state = { is: 'starting', attempt: 1, settle };
      executor.#spawn();
    }).finally(() => signal?.removeEventListener('abort', onAbort));
    return executor;
  }

  get model(): ServedModel {
    return this.#model!;
  }

  get startup(): Startup {
    return this.#startup!;
  }

  get speedKey(): string {
    return this.#speedKey;
  }

  /** False between the death of a worker and the moment when the next one is ready. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | undefined {
    return this.#run?.pid;
  }

  get capacity(): number {
    return this.#granted.count;
  }

  get load(): number {
    return this.#frames.size;
  }

  measure(): Promise<Measured | undefined> {
    if (!this.#isReady) return Promise.resolve(undefined);
    const { pace } = this.model;
    const frames = HANG_FRAMES * pace.maxRows * frameMs(this.model, { steps: 2, guidance: 1 });
    const hang = setTimeout(() => this.#kill('it was not measured in time'), this.#hangMs(frames));
    return new Promise((resolve) => {
      this.#measured = (measured) => {
        clearTimeout(hang);
        resolve(measured);
      };
      this.#run?.send({ type: 'measure' });
    });
  }

  render(request: RenderRequest, options: RenderOptions): Rendering {
    if (!this.#isReady) return { outcome: Promise.reject(workerDied()), cancel: () => undefined };
    if (!request.background) this.#granted.take();
    const ms = this.#hangMs(HANG_FRAMES * requestMs(this.model, request));
    const onHang = () => this.#kill('it did not answer in time');
    const { id, outcome } = this.#frames.add(options, { ms, onHang });
    this.#run?.send({ type: 'render', id, request });
    return { outcome, cancel: () => this.#run?.send({ type: 'cancel', id }) };
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#state = { is: 'over' };
    clearTimeout(this.#restartTimer);
    await this.#run?.stop(deadlineMs);
  }

  #spawn(): void {
    const { worker, bounds, openLink } = this.#options;
    this.#run = new WorkerRun({
      openLink,
      worker: { ...worker, maxRows: this.#maxRows },
      silentMs: this.#restarts.silentMs,
      loadMs: bounds.loadMs,
      onMessage: (message) => this.#handleMessage(message),
      onEnd: (end) => this.#handleEnd(end),
    });
  }

  #handleMessage(message: Exclude<FromWorker, { type: 'alive' }>): void {
    switch (message.type) {
      case 'ready':
        return this.#handleReady(message);
      case 'unusable':
        return this.#handleUnusable(message.message);
      case 'capacity':
        return this.#granted.add(message.count, message.inMs);
      case 'decoded':
        this.#granted.noteDecoded(message.ms);
        return this.#frames.decoded(message.id, message.ms);
      case 'image':
        return this.#handleImage(message);
      case 'no-image':
        return this.#frames.settle(message.id, message.why);
      case 'error':
        return this.#handleError(message);
      case 'device-failed':
        return this.#handleDeviceFailed(message);
      case 'calls':
        return this.#options.events.onCalls(message.calls, message.rows);
      case 'measured':
        return this.#settleMeasured(message.measured);
    }
  }

  #handleReady({ model, startup, speedKey }: Extract<FromWorker, { type: 'ready' }>): void {
    this.#model = model;
    this.#startup = startup;
    this.#speedKey = speedKey;
    this.#isReady = true;
    this.#readyMs = performance.now();
    if (this.#state.is !== 'starting') return;
    this.#state.settle();
    this.#state = { is: 'serving' };
  }

  #handleUnusable(reason: string): void {
    if (this.#state.is === 'starting') {
      this.#state.settle(new UsageError(reason));
      this.#state = { is: 'over' };
    } else this.#options.log.error({ reason }, 'the model can no longer be loaded');
  }

  #handleImage({ id, image, final }: Extract<FromWorker, { type: 'image' }>): void {
    this.#restarts.reset();
    if (final) this.#frames.settle(id, image);
    else this.#frames.preview(id, image);
  }

  /** A limit of the model, unlike a bad picture, is logged for the operator: once, because it may affect every frame. */
  #handleError(error: Extract<FromWorker, { type: 'error' }>): void {
    const { code, message } = error;
    if (code === 'worker-failed' && message !== this.#lastWarning) {
      this.#lastWarning = message;
      this.#options.log.warn({ reason: message }, 'a frame has no image');
    }
    this.#frames.fail(error);
  }

  /** A process whose device failed is useless. After running out of memory, the next one takes half as many rows. */
  #handleDeviceFailed({ message, outOfMemory, maxRows }: Extract<FromWorker, { type: 'device-failed' }>): void {
    if (outOfMemory) this.#maxRows = Math.max(1, Math.floor(maxRows / 2));
    this.#kill(outOfMemory ? `${message}; the next one runs ${this.#maxRows} rows at a time` : message);
  }

  #handleEnd(end: WorkerEnd): void {
    if (this.#isReady && performance.now() - this.#readyMs > this.#restarts.healthyMs) this.#restarts.reset();
    this.#isReady = false;
    this.#granted.clear();
    this.#settleMeasured(undefined);
    this.#frames.failAll();
    const state = this.#state;
    if (state.is === 'over') return;
    if (state.is === 'serving') this.#options.events.onDeath();
    else if (this.#restarts.isHopeless(state.attempt, end)) return state.settle(endedWhileLoading(end));
    else this.#state = { ...state, attempt: state.attempt + 1 };
    const delayMs = this.#restarts.nextDelayMs(end);
    this.#options.log.error({ ...end, restartInMs: delayMs }, 'the worker died');
    this.#restartTimer = setTimeout(() => this.#spawn(), delayMs);
  }

  #settleMeasured(measured: Measured | undefined): void {
    this.#measured?.(measured);
    this.#measured = undefined;
  }

  /** In ms: the bound, or `leastMs` if that is longer. */
  #hangMs(leastMs: number): number {
    return Math.max(this.#options.bounds.hangMs, leastMs);
  }

  #kill(why: string): void {
    this.#options.log.error({ why }, 'killing the worker');
    this.#run?.kill(why);
  }
}

function endedWhileLoading(end: WorkerEnd): UsageError {
  return new UsageError(`the worker ended while loading (${explainEnd(end)})${end.stderr && `: ${end.stderr}`}`);
}
