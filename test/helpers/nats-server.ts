import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NATS_ENV, portsIn } from '../../server/src/cli/bench/bench-nats.js';

/**
 * Whether nats-server is installed. Without it, tests that need it are left out, in capital letters; in CI they fail.
 *
 * @param what is left out
 */
export function hasNatsServer(what: string): boolean {
  try {
    execFileSync('nats-server', ['--version'], { env: NATS_ENV, stdio: 'ignore' });
    return true;
  } catch {
    if (process.env['CI']) return true;
    console.warn(`NATS-SERVER IS NOT INSTALLED: LEFT OUT ${what.toUpperCase()}. apt install nats-server`);
    return false;
  }
}

/** A NATS server of its own on a free port. */
export class NatsServer {
  readonly #child: ChildProcess;
  readonly #dir: string;

  private constructor(
    child: ChildProcess,
    dir: string,
    readonly url: string,
  ) {
    this.#child = child;
    this.#dir = dir;
  }

  /** @param lines of its configuration */
  static async start(...lines: readonly string[]): Promise<NatsServer> {
    const dir = await mkdtemp(join(tmpdir(), 'underpaint-nats-'));
    const config = join(dir, 'nats.conf');
    await writeFile(config, ['listen: "127.0.0.1:-1"', `ports_file_dir: "${dir}"`, ...lines].join('\n'));
    const child = spawn('nats-server', ['-c', config], {
      env: NATS_ENV,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (text) => (output += String(text)));
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
    const ports = await Promise.race([failed, portsIn(dir, child)]);
    if (!ports) throw new Error(`nats-server ended:\n${output}`);
    return new NatsServer(child, dir, ports.nats[0]!);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await rm(this.#dir, { recursive: true, force: true });
  }
}
