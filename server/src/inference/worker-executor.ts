import { fork, type ChildProcess } from 'node:child_process';
import { FrameError, UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import {
  frameMs,
  type DeviceWorker,
  type Measured,
  type Rendering,
  type RenderOptions,
  type RenderOutcome,
  type RenderRequest,
  type ServedModel,
  type Startup,
  type WorkerEvents,
} from './executor.js';
import type { FromWorker, ToWorker, WorkerOptions } from './messages.js';

export interface WorkerExecutorOptions {
  readonly worker: WorkerOptions;
  readonly log: Logger;
  readonly events: WorkerEvents;
  /**
   * A frame without an answer for so long, or for ten times what its device needs where that is longer, means that the
   * worker hangs; it is killed.
   */
  readonly hangMs: number;
  /** Delays before the first restart and, doubling, at the most. */
  readonly restartMs: { readonly first: number; readonly longest: number };
}

interface Pending {
  readonly onPreview: RenderOptions['onPreview'];
  readonly resolve: (outcome: RenderOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** Ends the worker when this frame takes too long. */
  readonly hang: NodeJS.Timeout;
}

/** Frames' worth of time in which a slow device must have answered. */
const HANG_FRAMES = 10;

/** What the worker prints at its end, for the log line that tells of its death. */
const STDERR_TAIL_CHARS = 2_000;

/**
 * Owns one worker process: starts it, starts it again when it dies, matches its answers to the frames that were sent,
 * and says when there is room for another.
 */
export class WorkerExecutor implements DeviceWorker {
  readonly #options: WorkerExecutorOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #model: ServedModel | undefined;
  #startup: Startup | undefined;
  #maxRows: number;
  #ready = false;
  #room = 0;
  #nextId = 1;
  #deaths = 0;
  #stopping = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #stderrTail = '';
  #measured: ((measured: Measured) => void) | undefined;

  private constructor(options: WorkerExecutorOptions) {
    this.#options = options;
    this.#maxRows = options.worker.maxRows;
  }

  /**
   * Starts a worker and waits until its model is loaded.
   *
   * @throws UsageError when the model cannot be used
   */
  static async start(options: WorkerExecutorOptions): Promise<WorkerExecutor> {
    const executor = new WorkerExecutor(options);
    await new Promise<void>((resolve, reject) => executor.#spawn({ onReady: resolve, onUnusable: reject }));
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
    return this.#child?.pid;
  }

  get room(): number {
    return this.#room;
  }

  get load(): number {
    return this.#pending.size;
  }

  measure(): Promise<Measured> {
    return new Promise((resolve) => {
      this.#measured = resolve;
      this.#send({ type: 'measure' });
    });
  }

  render(request: RenderRequest, { onPreview }: RenderOptions): Rendering {
    if (!this.#ready) return { outcome: Promise.reject(died()), cancel: () => undefined };
    if (!request.background) this.#room -= 1;
    const id = this.#nextId++;
    const outcome = new Promise<RenderOutcome>((resolve, reject) => {
      const hangMs = Math.max(this.#options.hangMs, HANG_FRAMES * frameMs(this.model, request));
      const hang = setTimeout(() => this.#kill('it did not answer in time'), hangMs);
      this.#pending.set(id, { onPreview, resolve, reject, hang });
      this.#send({ type: 'render', id, request });
    });
    return { outcome, cancel: () => this.#send({ type: 'cancel', id }) };
  }

  /** Lets the frames in flight finish, then ends the process; kills it when that takes longer than `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    this.#send({ type: 'stop' });
    await exited;
    clearTimeout(deadline);
  }

  #spawn(first?: { readonly onReady: () => void; readonly onUnusable: (error: Error) => void }): void {
    const { worker, log } = this.#options;
    const child = fork(
      new URL('./worker.js', import.meta.url),
      [JSON.stringify({ ...worker, maxRows: this.#maxRows })],
      {
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      },
    );
    this.#child = child;
    this.#stderrTail = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
    });
    child.on('message', (message: FromWorker) => {
      if (message.type === 'unusable' && first) first.onUnusable(new UsageError(message.message));
      else if (message.type === 'unusable') log.error({ reason: message.message }, 'the model can no longer be loaded');
      else this.#handleMessage(message);
      if (message.type === 'ready') first?.onReady();
    });
    child.on('exit', (code, signal) => {
      if (first && !this.#model)
        first.onUnusable(
          new UsageError(`the worker ended while loading (${code ?? endOf(signal)}): ${this.#stderrTail}`),
        );
      else this.#handleExit(code ?? signal);
    });
    // Sending to a process that just died fails here; its `exit` tells the rest.
    child.on('error', (error) => log.warn({ err: error }, 'worker process'));
  }

  #handleMessage(message: Exclude<FromWorker, { type: 'unusable' }>): void {
    switch (message.type) {
      case 'ready':
        this.#model = message.model;
        this.#startup = message.startup;
        this.#ready = true;
        break;
      case 'room':
        this.#room += message.count;
        this.#options.events.onRoom();
        break;
      case 'image':
        this.#deaths = 0;
        if (message.final) this.#settle(message.id)?.resolve(message.image);
        else this.#pending.get(message.id)?.onPreview(message.image);
        break;
      case 'no-image':
        this.#settle(message.id)?.resolve(message.why);
        break;
      case 'error':
        this.#settle(message.id)?.reject(frameErrorOf(message));
        break;
      case 'device-failed':
        this.#handleDeviceFailed(message);
        break;
      case 'calls':
        this.#options.events.onCalls(message.calls, message.rows);
        break;
      case 'measured':
        this.#measured?.(message.measured);
    }
  }

  /** A process whose device failed is of no more use. Out of memory, the next one takes half as many rows at a time. */
  #handleDeviceFailed({ message, outOfMemory, maxRows }: Extract<FromWorker, { type: 'device-failed' }>): void {
    if (outOfMemory) this.#maxRows = Math.max(1, Math.floor(maxRows / 2));
    this.#kill(outOfMemory ? `${message}; the next one runs ${this.#maxRows} rows at a time` : message);
  }

  #handleExit(how: number | string | null): void {
    this.#ready = false;
    this.#room = 0;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(died());
    if (this.#stopping) return;
    this.#options.events.onDeath();
    const { first, longest } = this.#options.restartMs;
    const delayMs = Math.min(longest, first * 2 ** this.#deaths++);
    this.#options.log.error({ how, stderr: this.#stderrTail, restartInMs: delayMs }, 'the worker died');
    this.#restartTimer = setTimeout(() => this.#spawn(), delayMs);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.hang);
    return pending;
  }

  #kill(why: string): void {
    this.#options.log.error({ why }, 'killing the worker');
    this.#child?.kill('SIGKILL');
  }

  #send(message: ToWorker): void {
    if (this.#child?.connected) this.#child.send(message);
  }
}

/** Nobody but the system kills a worker that has not answered for anything yet. */
function endOf(signal: NodeJS.Signals | null): string {
  return signal === 'SIGKILL' ? 'killed, most likely because the memory of this machine ran out' : String(signal);
}

function frameErrorOf({ code, message, retryable }: Extract<FromWorker, { type: 'error' }>): FrameError {
  return new FrameError(code, message, { retryable });
}

function died(): FrameError {
  return new FrameError('worker-failed', 'the worker ended before the image was done; send the frame again', {
    retryable: true,
  });
}
