import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The worker processes of this process, including those that are still loading. */
export async function workerPids(): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && args.includes('inference/link/fork/worker-main.js') ? [Number(pid)] : [];
  });
}

/** Waits for a worker that is not among `known`. */
export async function nextWorker(known: readonly number[] = []): Promise<number> {
  for (;;) {
    const pid = (await workerPids()).find((one) => !known.includes(one));
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
