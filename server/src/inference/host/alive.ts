/*
 * Tells the parent, from the first moment and for as long as it runs, that this process does: one that is stopped, or
 * whose main thread hangs, is noticed by its silence.
 */

/** Several fit into the time after which a silent worker is killed. */
const ALIVE_EVERY_MS = 500;

function tell(): void {
  if (process.connected) process.send!({ type: 'alive' });
}

tell();
// The channel to the parent keeps the process, not this.
setInterval(tell, ALIVE_EVERY_MS).unref();
