import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../server/bin/underpaint.js', import.meta.url));
/** As `npm start` runs Node. */
const NODE_FLAGS = ['--disallow-code-generation-from-strings'];
const READY = /^underpaint is ready: (\S+)$/;

/** The real command in a process of its own. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<unknown>;
  /** Asks it to stop, waits, and returns its exit code, or null if a signal ended it. */
  stop(): Promise<number | null>;
}

/** Starts in a second: no benchmarks, and no pictures except those of the test. */
export const QUICK = ['--workers', '1', '--max-rows', '1', '--refine-steps', '0'] as const;

/**
 * Runs `underpaint serve` with the embedded model, or the one in UNDERPAINT_MODEL, and waits until it is ready.
 *
 * @param port 0 takes a free one
 */
export async function serve(port = 0, ...args: readonly string[]): Promise<RunningServer> {
  const command = [...NODE_FLAGS, COMMAND, 'serve', '--port', String(port), '--log-level', 'error', ...args];
  const child = spawn(process.execPath, command);
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = READY.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      port: Number(new URL(url).port),
      kill: () => end(child, 'SIGKILL'),
      stop: () => end(child, 'SIGTERM'),
    };
  }
  throw new Error(`underpaint serve ended with ${child.exitCode} before it was ready:\n${stderr}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}
