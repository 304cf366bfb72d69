import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian puts it into a folder that is not on the path of every user. */
const PATH = `${process.env['PATH']}:/usr/sbin`;

/**
 * Whether nats-server is installed. Without it, tests that need it are left out, in capital letters; in CI they fail.
 *
 * @param what is left out
 */
export function hasNatsServer(what: string): boolean {
  try {
    execFileSync('nats-server', ['--version'], { env: { ...process.env, PATH }, stdio: 'ignore' });
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
      env: { ...process.env, PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (text) => (output += String(text)));
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
    const url = await Promise.race([failed, urlIn(dir, child)]);
    if (url === undefined) throw new Error(`nats-server ended:\n${output}`);
    return new NatsServer(child, dir, url);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** The server writes its ports into a file when it is ready. */
async function urlIn(dir: string, child: ChildProcess): Promise<string | undefined> {
  while (child.exitCode === null) {
    const file = (await readdir(dir)).find((name) => name.endsWith('.ports'));
    const text = file === undefined ? '' : await readFile(join(dir, file), 'utf8');
    if (text.trimEnd().endsWith('}')) return (JSON.parse(text) as { nats: string[] }).nats[0]!;
    await sleep(10);
  }
  return undefined;
}
