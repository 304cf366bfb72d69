import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../errors.js';

/** The environment that finds nats-server: Debian puts it into a folder that is not on the path of every user. */
export const NATS_ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };

interface Ports {
  readonly nats: readonly string[];
  readonly monitoring: readonly string[];
}

/** A NATS server of its own, on free ports. */
export class BenchNats {
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #ports: Ports;

  private constructor(child: ChildProcess, dir: string, ports: Ports) {
    this.#child = child;
    this.#dir = dir;
    this.#ports = ports;
  }

  /** @throws UsageError if nats-server is not installed, or does not start */
  static async start(): Promise<BenchNats> {
    const dir = await mkdtemp(join(tmpdir(), 'underpaint-bench-'));
    const args = ['-a', '127.0.0.1', '-p', '-1', '-m', '-1', '-js', '-sd', dir, '--ports_file_dir', dir];
    const child = spawn('nats-server', args, { env: NATS_ENV, stdio: 'ignore' });
    const failed = once(child, 'error').then(() => undefined);
    const ports = await Promise.race([failed, portsIn(dir, child)]);
    if (ports) return new BenchNats(child, dir, ports);
    await rm(dir, { recursive: true });
    throw new UsageError('nats-server does not start; apt install nats-server');
  }

  get url(): string {
    return this.#ports.nats[0]!;
  }

  /** Bytes of all messages that it has received. */
  async receivedBytes(): Promise<number> {
    const answer = await fetch(`${this.#ports.monitoring[0]!}/varz`);
    return ((await answer.json()) as { readonly in_bytes: number }).in_bytes;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
    await rm(this.#dir, { recursive: true });
  }
}

/**
 * Waits for the file into which the server writes its ports when it is ready.
 *
 * @param dir as `ports_file_dir`
 * @returns undefined if it ends before
 */
export async function portsIn(dir: string, child: ChildProcess): Promise<Ports | undefined> {
  for (; child.exitCode === null; await sleep(10)) {
    const file = (await readdir(dir)).find((name) => name.endsWith('.ports'));
    const text = file === undefined ? '' : await readFile(join(dir, file), 'utf8');
    if (text.trimEnd().endsWith('}')) return JSON.parse(text) as Ports;
  }
  return undefined;
}
