import type { WorkerLink } from '../link/link.js';

/** Several beats fit into the time after which a silent worker is killed. */
const BEAT_MS = 500;

/**
 * Tells the gateway, now and from then on, that this process runs: the silence of a process that is stopped, or whose
 * main thread hangs, gives it away. Beats do not pile up while the gateway does not read.
 */
export function startHeartbeat(link: WorkerLink): void {
  const beat = () => {
    if (link.queued === 0) link.send({ type: 'alive' });
  };
  beat();
  // The link keeps the process running, not this timer.
  setInterval(beat, BEAT_MS).unref();
}
