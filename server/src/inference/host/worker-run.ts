import type { GatewayLink, OpenLink } from '../link/link.js';
import type { FromWorker, ToWorker, WorkerOptions } from '../messages.js';

/** How long to wait for a worker, in ms. */
export interface WorkerBounds {
  /** A frame without an answer for this long, or for ten times its device time if that is longer, means a hang. */
  readonly hangMs: number;
  /** So does silence of this length. It doubles after each death by silence, for slow machines. */
  readonly silentMs: number;
  /** Longest time to load the model. */
  readonly loadMs: number;
}

/** How a run of a worker ended. */
export interface WorkerEnd {
  /** Its exit code or signal, or the error that prevented its start. */
  readonly how: string;
  /** Why we killed it, if we did. */
  readonly killedBecause: string | undefined;
  /** Whether we killed it for its silence, or for a model that took too long to load. */
  readonly wasSilent: boolean;
  readonly tookTooLong: boolean;
  /** The last lines that it printed. */
  readonly stderr: string;
}

export interface WorkerRunOptions {
  readonly openLink: OpenLink;
  readonly worker: WorkerOptions;
  /** The worker is killed after a silence of this length. */
  readonly silentMs: number;
  /** The worker is killed when its model is not loaded after this time. */
  readonly loadMs: number;
  readonly onMessage: (message: Exclude<FromWorker, { type: 'alive' }>) => void;
  /** Called once, even if the worker could not be started. */
  readonly onEnd: (end: WorkerEnd) => void;
}

/** Looks within the longest silence. They are counted, because while this process hangs it hears no worker. */
const LOOKS = 4;
/** A killed process that still exists after this time is held by the system, and we stop waiting for it. */
const KILLED_MS = 2_000;

export function explainEnd({ how, killedBecause }: WorkerEnd): string {
  if (killedBecause !== undefined) return killedBecause;
  if (how === 'SIGKILL') return 'killed, most likely because the memory of this machine ran out';
  return /EMFILE|ENFILE/.test(how) ? `${how}: allow more open files, as with ulimit -n` : how;
}

/** One run of a worker, from the opening of its link to the end, which always comes. */
export class WorkerRun {
  readonly #options: WorkerRunOptions;
  readonly #link: GatewayLink;
  readonly #ended: Promise<void>;
  readonly #lookTimer: NodeJS.Timeout;
  readonly #loadTimer: NodeJS.Timeout;
  #killedBecause: string | undefined;
  #silentLooks = 0;
  #tookTooLong = false;

  constructor(options: WorkerRunOptions) {
    this.#options = options;
    this.#lookTimer = setInterval(() => this.#look(), options.silentMs / LOOKS);
    this.#loadTimer = setTimeout(() => this.#loadOnTimeout(), options.loadMs);
    const link = (this.#link = options.openLink());
    link.onMessage((message) => this.#linkOnMessage(message));
    this.#ended = new Promise((resolve) => {
      link.onEnd(({ how, output }) => {
        this.#handleEnd(how, output);
        resolve();
      });
    });
    this.send({ type: 'start', options: options.worker });
  }

  get pid(): number | undefined {
    return this.#link.pid;
  }

  send(message: ToWorker): void {
    this.#link.send(message);
  }

  kill(why: string): void {
    this.#killedBecause ??= why;
    this.#link.close();
  }

  /** Lets the worker finish its frames and end; kills it after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    const killTimer = setTimeout(() => this.kill('it did not stop in time'), deadlineMs);
    let abandonTimer: NodeJS.Timeout | undefined;
    const abandoned = new Promise<void>((resolve) => {
      abandonTimer = setTimeout(() => resolve(this.#clearTimers()), deadlineMs + KILLED_MS);
    });
    this.send({ type: 'stop' });
    await Promise.race([this.#ended, abandoned]);
    clearTimeout(killTimer);
    clearTimeout(abandonTimer);
  }

  #linkOnMessage(message: FromWorker): void {
    this.#silentLooks = 0;
    if (message.type === 'alive') return;
    if (message.type === 'ready') clearTimeout(this.#loadTimer);
    this.#options.onMessage(message);
  }

  #handleEnd(how: string, stderr: string): void {
    this.#clearTimers();
    const [killedBecause, tookTooLong] = [this.#killedBecause, this.#tookTooLong];
    this.#options.onEnd({ how, killedBecause, wasSilent: this.#silentLooks > LOOKS, tookTooLong, stderr });
  }

  #clearTimers(): void {
    clearInterval(this.#lookTimer);
    clearTimeout(this.#loadTimer);
  }

  #loadOnTimeout(): void {
    this.#tookTooLong = true;
    this.kill('its model was not loaded in time');
  }

  #look(): void {
    if (this.#silentLooks++ >= LOOKS) this.kill(`it sent nothing for ${this.#options.silentMs} ms`);
  }
}
