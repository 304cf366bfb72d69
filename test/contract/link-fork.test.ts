import { ForkLink } from '../../server/dist/inference/link/fork/fork-link.js';
import { linkContract, TEST_MAX_QUEUED, type TestLink } from './link.js';

const program = new URL('./forked-peer.mjs', import.meta.url);

linkContract('a child process', () => {
  const link = new ForkLink({ program, maxQueued: TEST_MAX_QUEUED });
  const pid = link.pid!;
  return {
    link: link as unknown as TestLink,
    stall: () => process.kill(pid, 'SIGSTOP'),
    crash: () => process.kill(pid, 'SIGKILL'),
    peerEnded: async () => {
      while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
