import { fork, type ChildProcess } from 'node:child_process';
import type { FromWorker, ToWorker, WorkerOptions } from '../messages.js';

/** How long a worker is waited for, in ms, whatever it is that is waited for. */
export interface WorkerBounds {
  /**
   * A frame without an answer for so long, or for ten times what its device needs where that is longer, means that the
   * worker hangs; it is killed.
   */
  readonly hangMs: number;
  /** The same for one that says nothing at all; twice as long after each death of silence, for machines that are slow. */
  readonly silentMs: number;
  /** And for one whose model is not loaded. */
  readonly loadMs: number;
}

/** How a worker process ended. */
export interface WorkerEnd {
  /** Its exit code or signal, or the error that kept it from starting. */
  readonly how: string;
  /** Why we killed it, if we did. */
  readonly killedBecause: string | undefined;
  /** Whether that was because it said nothing, or because it did not load its model in time. */
  readonly wasSilent: boolean;
  readonly tookTooLong: boolean;
  /** The last that it printed. */
  readonly stderr: string;
}

export interface WorkerProcessOptions {
  readonly worker: WorkerOptions;
  /** It is killed when it says nothing for so long. */
  readonly silentMs: number;
  /** It is killed when its model is not loaded after so long. */
  readonly loadMs: number;
  readonly onMessage: (message: Exclude<FromWorker, { type: 'alive' }>) => void;
  /** Called once, also when it could not be started at all. */
  readonly onEnd: (end: WorkerEnd) => void;
}

/** What the worker prints at its end, for the log line that tells of its death. */
const STDERR_TAIL_CHARS = 2_000;
/** Looks in the time that a worker may be silent. Counted, not timed: while this process hangs, it cannot hear anybody. */
const LOOKS = 4;
/** A process that was killed and is still there after so long is in the hands of the system: it is not waited for. */
const KILLED_MS = 2_000;

export function explainEnd({ how, killedBecause }: WorkerEnd): string {
  if (killedBecause !== undefined) return killedBecause;
  if (how === 'SIGKILL') return 'killed, most likely because the memory of this machine ran out';
  return /EMFILE|ENFILE/.test(how) ? `${how}: allow more open files, as with ulimit -n` : how;
}

/** One run of the worker: from the start of its process to its end, which always comes. */
export class WorkerProcess {
  readonly #options: WorkerProcessOptions;
  readonly #child: ChildProcess | undefined;
  readonly #ended: Promise<void>;
  #end!: (how: string) => void;
  #killedBecause: string | undefined;
  #stderr = '';
  #silentLooks = 0;
  #tookTooLong = false;
  readonly #lookTimer: NodeJS.Timeout;
  readonly #loadTimer: NodeJS.Timeout;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.#ended = new Promise<string>((resolve) => (this.#end = resolve)).then((how) => this.#handleEnd(how));
    this.#lookTimer = setInterval(() => this.#look(), options.silentMs / LOOKS);
    this.#loadTimer = setTimeout(() => this.#loadOnTimeout(), options.loadMs);
    this.#child = this.#fork();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  send(message: ToWorker): void {
    if (this.#child?.connected) this.#child.send(message);
  }

  kill(why: string): void {
    this.#killedBecause ??= why;
    this.#child?.kill('SIGKILL');
  }

  /** Lets it finish what it does and end; kills it when that takes longer than `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    const killTimer = setTimeout(() => this.kill('it did not stop in time'), deadlineMs);
    let abandonTimer: NodeJS.Timeout | undefined;
    const abandoned = new Promise<void>((resolve) => {
      abandonTimer = setTimeout(() => resolve(this.#abandon()), deadlineMs + KILLED_MS);
    });
    this.send({ type: 'stop' });
    await Promise.race([this.#ended, abandoned]);
    clearTimeout(killTimer);
    clearTimeout(abandonTimer);
  }

  /** It does not even die: whoever wants to end need not wait for it. */
  #abandon(): void {
    clearInterval(this.#lookTimer);
    clearTimeout(this.#loadTimer);
    this.#child?.unref();
    this.#child?.channel?.unref();
  }

  #fork(): ChildProcess | undefined {
    const url = new URL('../worker/worker.js', import.meta.url);
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const;
    try {
      const child = fork(url, [JSON.stringify(this.#options.worker)], { serialization: 'advanced', stdio: [...stdio] });
      child.on('message', (message: FromWorker) => this.#childOnMessage(message));
      child.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`));
      child.on('error', (error) => this.#childOnError(error));
      // Without descriptors there is no process, and there are no pipes either.
      child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keepStderr(text));
      child.stderr?.on('error', () => undefined);
      return child;
    } catch (error) {
      this.#end((error as Error).message);
      return undefined;
    }
  }

  #childOnMessage(message: FromWorker): void {
    this.#silentLooks = 0;
    if (message.type === 'alive') return;
    if (message.type === 'ready') clearTimeout(this.#loadTimer);
    this.#options.onMessage(message);
  }

  /** Sending to a process that just died fails here too; its `exit` tells the rest. */
  #childOnError(error: Error): void {
    if (this.#child?.pid === undefined) this.#end(error.message);
  }

  #keepStderr(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
  }

  #handleEnd(how: string): void {
    clearInterval(this.#lookTimer);
    clearTimeout(this.#loadTimer);
    const [killedBecause, stderr, tookTooLong] = [this.#killedBecause, this.#stderr, this.#tookTooLong];
    this.#options.onEnd({ how, killedBecause, wasSilent: this.#silentLooks > LOOKS, tookTooLong, stderr });
  }

  #loadOnTimeout(): void {
    this.#tookTooLong = true;
    this.kill('its model was not loaded in time');
  }

  #look(): void {
    if (this.#silentLooks++ >= LOOKS) this.kill(`it said nothing for ${this.#options.silentMs} ms`);
  }
}
