import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The worker processes that this process started, those that are still loading included. */
export async function workerPids(): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && args.includes('inference/worker.js') ? [Number(pid)] : [];
  });
}

/** Waits until there is a worker that is not one of `known`. */
export async function nextWorker(known: readonly number[] = []): Promise<number> {
  for (;;) {
    const pid = (await workerPids()).find((one) => !known.includes(one));
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
