import { fork, type ChildProcess } from 'node:child_process';
import type { FromWorker, ToWorker } from '../../messages.js';
import { Inbox } from '../inbox.js';
import { MAX_QUEUED, NOT_READING, type GatewayLink, type LinkEnd } from '../link.js';

const WORKER_MAIN = new URL('./worker-main.js', import.meta.url);
const OUTPUT_TAIL_CHARS = 2_000;
/**
 * Pixels lie outside of the heap, and little else is short-lived. With Node's own 16 MB the heaps of both threads of a worker
 * grow for hours, to 80 MB more.
 */
const EXEC_ARGV = ['--max-semi-space-size=2'];

export interface ForkLinkOptions {
  /** The program of the worker process. */
  readonly program?: URL;
  readonly maxQueued?: number;
}

/** The gateway's end of a link to a child process. */
export class ForkLink implements GatewayLink {
  readonly #inbox = new Inbox<FromWorker>();
  readonly #child: ChildProcess | undefined;
  readonly #maxQueued: number;
  #queued = 0;
  #output = '';
  #isDisconnected = false;
  #exit: string | undefined;
  #isOverflowing = false;

  constructor({ program = WORKER_MAIN, maxQueued = MAX_QUEUED }: ForkLinkOptions = {}) {
    this.#maxQueued = maxQueued;
    this.#child = this.#fork(program);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get queued(): number {
    return this.#queued;
  }

  send(message: ToWorker): void {
    if (!this.#child?.connected || this.#inbox.isClosed) return;
    this.#queued += 1;
    // The callback also takes the error of a process that just died; its exit tells the rest.
    this.#child.send(message, () => void (this.#queued -= 1));
    if (this.#queued > this.#maxQueued) this.#overflow();
  }

  onMessage(listener: (message: FromWorker) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#inbox.onEnd(listener);
  }

  /** A process that even SIGKILL does not end, because the system holds it, must not keep this one running. */
  close(): void {
    this.#inbox.close();
    this.#child?.kill('SIGKILL');
    this.#child?.unref();
    this.#child?.channel?.unref();
  }

  #overflow(): void {
    this.#isOverflowing = true;
    this.close();
  }

  #fork(program: URL): ChildProcess | undefined {
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const;
    try {
      const execArgv = [...process.execArgv, ...EXEC_ARGV];
      const child = fork(program, { serialization: 'advanced', stdio: [...stdio], execArgv });
      child.on('message', (message: FromWorker) => this.#inbox.put(message));
      child.on('disconnect', () => this.#childOnDisconnect());
      child.on('exit', (code, signal) => this.#childOnExit(signal ?? `exit code ${code}`));
      child.on('error', (error) => this.#childOnError(error));
      // With no file descriptors left there is no process, and there are no pipes.
      child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keepOutput(text));
      child.stderr?.on('error', () => undefined);
      return child;
    } catch (error) {
      this.#inbox.end({ how: (error as Error).message, output: '' });
      return undefined;
    }
  }

  #childOnDisconnect(): void {
    this.#isDisconnected = true;
    this.#endWhenOver();
  }

  #childOnExit(exit: string): void {
    this.#exit = this.#isOverflowing ? NOT_READING : exit;
    this.#endWhenOver();
  }

  /** Both events are needed: the last messages may be read after the exit, but not after the disconnect. */
  #endWhenOver(): void {
    if (this.#exit === undefined || !this.#isDisconnected) return;
    this.#inbox.end({ how: this.#exit, output: this.#output });
  }

  #childOnError(error: Error): void {
    if (this.#child?.pid === undefined) this.#inbox.end({ how: error.message, output: '' });
  }

  #keepOutput(text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_TAIL_CHARS);
  }
}
