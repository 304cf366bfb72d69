import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.js';

const COMMAND = fileURLToPath(new URL('../../../bin/underpaint.js', import.meta.url));

interface Info {
  readonly pace: { readonly maxRows: number };
  readonly workers: readonly { readonly pid: number }[];
}

/**
 * Starts a command in its own process and waits until it prints a line.
 *
 * @throws UsageError with its message if it ends before
 */
export async function startCommand(
  args: readonly string[],
  line: RegExp,
): Promise<{ readonly child: ChildProcess; readonly found: RegExpExecArray }> {
  const child = fork(COMMAND, args, { silent: true });
  let errors = '';
  child.stderr!.on('data', (text) => (errors += String(text)));
  for await (const printed of createInterface({ input: child.stdout! })) {
    const found = line.exec(printed);
    if (!found) continue;
    child.stdout!.resume();
    return { child, found };
  }
  throw new UsageError(errors.trim().replace(/^underpaint: /, '') || `underpaint ${args[0]} did not start`);
}

/** `underpaint serve` in its own process, as in production. */
export class Served {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** Starts it on a free port and waits until it is ready. */
  static async start(args: readonly string[]): Promise<Served> {
    const command = ['serve', '--port', '0', '--log-level', 'error', ...args];
    const { child, found } = await startCommand(command, /^underpaint is ready: (\S+)$/);
    return new Served(child, found[1]!);
  }

  get socketUrl(): string {
    return `${this.#url.replace('http', 'ws')}ws`;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** A counter or gauge of its metrics. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#url}metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
  }

  /** Rows that run at once, over all workers. */
  async rows(): Promise<number> {
    const { workers, pace } = await this.#info();
    return workers.length * pace.maxRows;
  }

  /** Process ids of its workers. */
  async workers(): Promise<readonly number[]> {
    return (await this.#info()).workers.map(({ pid }) => pid);
  }

  async #info(): Promise<Info> {
    return (await (await fetch(`${this.#url}api/info`)).json()) as Info;
  }

  stop(): Promise<void> {
    return stopCommand(this.#child);
  }
}

export async function stopCommand(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
