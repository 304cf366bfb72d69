/*
 * Loaded into a server before it starts (node --import): reports twice a second, over the channel to its parent, the
 * longest time for which its event loop did not come round, and how much processor time the main thread used in such a
 * gap. A gap without processor time is the machine's doing; one with it is the server's. Linux only.
 */
import { openSync, readSync } from 'node:fs';

const TICK_MS = 5;
const REPORT_MS = 500;
const COLLECT_MS = 5_000;

// Where it was started with --expose-gc: a server with little to do is in no hurry to collect its garbage.
if (globalThis.gc) setInterval(globalThis.gc, COLLECT_MS).unref();
// Workers inherit the options, but only the server is watched.
if (process.argv[2] === 'serve' && process.send) watch();

function watch() {
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const text = Buffer.alloc(100);
  /** Processor time of the main thread so far, in ms. */
  const usedMs = () => Number(text.toString('latin1', 0, readSync(file, text, 0, 100, 0)).split(' ')[0]) / 1e6;
  let [atMs, busyMs] = [performance.now(), usedMs()];
  let longest = { gapMs: 0, busyMs: 0 };
  const tick = () => {
    const [nowMs, nowBusyMs] = [performance.now(), usedMs()];
    longest.gapMs = Math.max(longest.gapMs, nowMs - atMs - TICK_MS);
    longest.busyMs = Math.max(longest.busyMs, nowBusyMs - busyMs);
    [atMs, busyMs] = [nowMs, nowBusyMs];
  };
  const report = () => {
    if (process.connected) process.send(longest, () => undefined);
    longest = { gapMs: 0, busyMs: 0 };
  };
  setInterval(tick, TICK_MS).unref();
  setInterval(report, REPORT_MS).unref();
}
