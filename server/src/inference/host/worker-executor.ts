import { FrameError, UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import {
  frameMs,
  requestMs,
  type DeviceWorker,
  type Measured,
  type Rendering,
  type RenderOptions,
  type RenderOutcome,
  type RenderRequest,
  type ServedModel,
  type Startup,
  type WorkerEvents,
} from '../contract.js';
import type { FromWorker, WorkerOptions } from '../messages.js';
import { explainEnd, WorkerProcess, type WorkerBounds, type WorkerEnd } from './worker-process.js';

export interface WorkerExecutorOptions {
  readonly worker: WorkerOptions;
  readonly log: Logger;
  readonly events: WorkerEvents;
  readonly bounds: WorkerBounds;
  /** Delays before the first restart and, doubling, at the most. */
  readonly restartMs: { readonly first: number; readonly longest: number };
}

interface Pending extends Pick<RenderOptions, 'onPreview' | 'onDecoded'> {
  readonly resolve: (outcome: RenderOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** Ends the worker when this frame takes too long. */
  readonly hang: NodeJS.Timeout;
}

/** Frames' worth of time in which a slow device must have answered. */
const HANG_FRAMES = 10;

/** Times that a model is tried to be loaded at the start: a worker that dies meanwhile may have been killed by chance. */
const START_ATTEMPTS = 2;
/** On a machine that is too busy, a worker may be silent for long; the bound is doubled up to this. */
const LONGEST_SILENT_MS = 60_000;

type State =
  | { readonly is: 'starting'; readonly attempt: number; readonly settle: (error?: Error) => void }
  | { readonly is: 'serving' }
  /** Told to stop, or of no use: what ends now stays so. */
  | { readonly is: 'over' };

/**
 * Owns one worker process: starts it, starts it again when it dies, matches its answers to the frames that were sent,
 * and says when there is room for another.
 */
export class WorkerExecutor implements DeviceWorker {
  readonly #options: WorkerExecutorOptions;
  readonly #pending = new Map<number, Pending>();
  #state: State = { is: 'over' };
  #process: WorkerProcess | undefined;
  #model: ServedModel | undefined;
  #startup: Startup | undefined;
  #maxRows: number;
  #ready = false;
  #readyMs = 0;
  #room = 0;
  #nextId = 1;
  /** Since what it does was last right. */
  #deaths = 0;
  /** The bound in force. */
  #silentMs: number;
  #restartTimer: NodeJS.Timeout | undefined;
  #measured: ((measured: Measured | undefined) => void) | undefined;
  #lastWarning = '';

  private constructor(options: WorkerExecutorOptions) {
    this.#options = options;
    this.#maxRows = options.worker.maxRows;
    this.#silentMs = options.bounds.silentMs;
  }

  /**
   * Starts a worker and waits until its model is loaded.
   *
   * @throws UsageError when the model cannot be used, or the worker ends again and again before it is loaded
   */
  static async start(options: WorkerExecutorOptions): Promise<WorkerExecutor> {
    const executor = new WorkerExecutor(options);
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => (error ? reject(error) : resolve());
      executor.#state = { is: 'starting', attempt: 1, settle };
      executor.#spawn();
    });
    return executor;
  }

  get model(): ServedModel {
    return this.#model!;
  }

  get startup(): Startup {
    return this.#startup!;
  }

  /** False between the death of a worker and the next one's being ready. */
  get isReady(): boolean {
    return this.#ready;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get room(): number {
    return this.#room;
  }

  get load(): number {
    return this.#pending.size;
  }

  /** Undefined where it ended, or took too long and was ended, before it was done. */
  measure(): Promise<Measured | undefined> {
    if (!this.#ready) return Promise.resolve(undefined);
    const { pace } = this.model;
    const frames = HANG_FRAMES * pace.maxRows * frameMs(this.model, { steps: 2, guidance: 1 });
    const hang = setTimeout(() => this.#kill('it was not measured in time'), this.#hangMs(frames));
    return new Promise((resolve) => {
      this.#measured = (measured) => {
        clearTimeout(hang);
        resolve(measured);
      };
      this.#process?.send({ type: 'measure' });
    });
  }

  render(request: RenderRequest, options: RenderOptions): Rendering {
    if (!this.#ready) return { outcome: Promise.reject(died()), cancel: () => undefined };
    if (!request.background) this.#room -= 1;
    const id = this.#nextId++;
    const outcome = new Promise<RenderOutcome>((resolve, reject) => {
      const hangMs = this.#hangMs(HANG_FRAMES * requestMs(this.model, request));
      const hang = setTimeout(() => this.#kill('it did not answer in time'), hangMs);
      this.#pending.set(id, { ...options, resolve, reject, hang });
      this.#process?.send({ type: 'render', id, request });
    });
    return { outcome, cancel: () => this.#process?.send({ type: 'cancel', id }) };
  }

  /** Lets the frames in flight finish, then ends the process; kills it when that takes longer than `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    this.#state = { is: 'over' };
    clearTimeout(this.#restartTimer);
    await this.#process?.stop(deadlineMs);
  }

  #spawn(): void {
    const { worker, bounds } = this.#options;
    this.#process = new WorkerProcess({
      worker: { ...worker, maxRows: this.#maxRows },
      silentMs: this.#silentMs,
      loadMs: bounds.loadMs,
      onMessage: (message) => this.#handleMessage(message),
      onEnd: (end) => this.#handleEnd(end),
    });
  }

  #handleMessage(message: Exclude<FromWorker, { type: 'alive' }>): void {
    switch (message.type) {
      case 'ready':
        this.#handleReady(message);
        break;
      case 'unusable':
        this.#handleUnusable(message.message);
        break;
      case 'room':
        this.#room += message.count;
        this.#options.events.onRoom();
        break;
      case 'decoded':
        this.#pending.get(message.id)?.onDecoded?.(message.ms);
        break;
      case 'image':
        this.#handleHealthy();
        if (message.final) this.#settle(message.id)?.resolve(message.image);
        else this.#pending.get(message.id)?.onPreview(message.image);
        break;
      case 'no-image':
        this.#settle(message.id)?.resolve(message.why);
        break;
      case 'error':
        this.#warnOf(message);
        this.#settle(message.id)?.reject(frameErrorOf(message));
        break;
      case 'device-failed':
        this.#handleDeviceFailed(message);
        break;
      case 'calls':
        this.#options.events.onCalls(message.calls, message.rows);
        break;
      case 'measured':
        this.#settleMeasured(message.measured);
    }
  }

  /** A process whose device failed is of no more use. Out of memory, the next one takes half as many rows at a time. */
  #handleDeviceFailed({ message, outOfMemory, maxRows }: Extract<FromWorker, { type: 'device-failed' }>): void {
    if (outOfMemory) this.#maxRows = Math.max(1, Math.floor(maxRows / 2));
    this.#kill(outOfMemory ? `${message}; the next one runs ${this.#maxRows} rows at a time` : message);
  }

  #handleReady({ model, startup }: Extract<FromWorker, { type: 'ready' }>): void {
    this.#model = model;
    this.#startup = startup;
    this.#ready = true;
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

  /** What failed before has passed. */
  #handleHealthy(): void {
    this.#deaths = 0;
    this.#silentMs = this.#options.bounds.silentMs;
  }

  #handleEnd(end: WorkerEnd): void {
    const { first, longest } = this.#options.restartMs;
    // Nobody may have asked it for an image.
    if (this.#ready && performance.now() - this.#readyMs > longest) this.#handleHealthy();
    this.#ready = false;
    this.#room = 0;
    this.#settleMeasured(undefined);
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(died());
    const state = this.#state;
    if (state.is === 'over') return;
    if (state.is === 'starting') {
      const message = `the worker ended while loading (${explainEnd(end)})${end.stderr && `: ${end.stderr}`}`;
      if (this.#isHopeless(state.attempt, end)) return state.settle(new UsageError(message));
      this.#state = { ...state, attempt: state.attempt + 1 };
    } else this.#options.events.onDeath();
    if (end.wasSilent) this.#silentMs = Math.min(LONGEST_SILENT_MS, 2 * this.#silentMs);
    const delayMs = Math.min(longest, first * 2 ** this.#deaths++);
    this.#options.log.error({ ...end, restartInMs: delayMs }, 'the worker died');
    this.#restartTimer = setTimeout(() => this.#spawn(), delayMs);
  }

  /** Whether one more attempt to load would end as this one did. */
  #isHopeless(attempt: number, { wasSilent, tookTooLong }: WorkerEnd): boolean {
    if (wasSilent) return this.#silentMs === LONGEST_SILENT_MS;
    return tookTooLong || attempt >= START_ATTEMPTS;
  }

  #settleMeasured(measured: Measured | undefined): void {
    this.#measured?.(measured);
    this.#measured = undefined;
  }

  /** What a model cannot do, not what a picture is: whoever runs the server may mend it. Once, for it may be every frame. */
  #warnOf({ code, message }: Extract<FromWorker, { type: 'error' }>): void {
    if (code !== 'worker-failed' || message === this.#lastWarning) return;
    this.#lastWarning = message;
    this.#options.log.warn({ reason: message }, 'a frame has no image');
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.hang);
    return pending;
  }

  /** In ms: the bound, or `leastMs` where that is longer. */
  #hangMs(leastMs: number): number {
    return Math.max(this.#options.bounds.hangMs, leastMs);
  }

  #kill(why: string): void {
    this.#options.log.error({ why }, 'killing the worker');
    this.#process?.kill(why);
  }
}

function frameErrorOf({ code, message, retryable }: Extract<FromWorker, { type: 'error' }>): FrameError {
  return new FrameError(code, message, { retryable });
}

function died(): FrameError {
  return new FrameError('worker-failed', 'the worker ended before the image was done; send the frame again', {
    retryable: true,
  });
}
