import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A path of the repository. This file runs from client/dist/scripts. */
export const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** The value after `--name` on the command line. */
export function option(name: string): string | undefined {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
}

export interface Served {
  readonly url: string;
  stop(): void;
}

/** The server at `--url`, or else one of its own on a free port. */
export async function serve(...args: readonly string[]): Promise<Served> {
  const given = option('url');
  if (given !== undefined) return { url: given, stop: () => undefined };
  const child = spawn(process.execPath, [at('server/bin/underpaint.js'), 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await urlOf(child);
  return { url, stop: () => void child.kill() };
}

async function urlOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /^underpaint is ready: (\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout!.resume();
    return url;
  }
  await once(child, 'exit');
  throw new Error('the server did not start; see above');
}
