import { setTimeout as sleep } from 'node:timers/promises';
import { LoadClient, type LoadRecord } from './load-client.js';
import type { Served } from './served.js';
import { jain, median, quantile, round } from './statistics.js';

export interface SessionBenchOptions {
  readonly served: Served;
  readonly sessions: number;
  readonly seconds: number;
  readonly steps: number;
  /** Frames a second that each session captures. */
  readonly fps: number;
  /** Whether the workers of the server change with the number of sessions. */
  readonly settles: boolean;
  readonly frames: readonly Uint8Array[];
}

export interface SessionBenchRow {
  readonly sessions: number;
  readonly imagesPerSecond: number;
  /** From capturing a frame to its image, ms. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Share of the frames without an image. */
  readonly dropRatio: number;
  readonly rowsPerCall: number;
  /** Jain's index of the sessions' device time; 1 for equal shares. */
  readonly jain: number;
  /** p95 over the time of the waves of frames up to and including its own; 1.5 is slightly more than necessary. */
  readonly ageRatio: number;
}

const SETTLE_MS = 1_000;
/** The workers may change with the number of sessions; they are taken for settled when they stay the same for so long. */
const STEADY_MS = 4_000;
const LONGEST_SETTLE_MS = 60_000;
const LOOK_MS = 200;

/** Runs many sessions at once, each sending frames over its own socket. */
export async function benchSessions(options: SessionBenchOptions): Promise<SessionBenchRow> {
  const { served, sessions, settles } = options;
  const clients = await openClients({ ...options, urls: [served.socketUrl] });
  if (settles) await settled(served);
  const before = await readCalls(served);
  const measured = await measureClients(clients, options.seconds);
  const after = await readCalls(served);
  const rowsPerCall = round((after.rows - before.rows) / (after.calls - before.calls));
  // The frames of all sessions before it, its own earlier one included, and then itself.
  const waves = Math.ceil(sessions / (await served.rows())) + 1;
  const row = summaryOf(measured);
  const runMs = median(measured.records.flatMap((record) => record.runMs));
  return { ...row, rowsPerCall, ageRatio: round(row.p95Ms / (waves * runMs)) };
}

/** Opens sessions that send frames, on each of the servers in turn. */
export async function openClients({
  urls,
  sessions,
  steps,
  fps,
  frames,
}: Pick<SessionBenchOptions, 'sessions' | 'steps' | 'fps' | 'frames'> & {
  readonly urls: readonly string[];
}): Promise<LoadClient[]> {
  const params = { prompt: 'a lake', steps, minSteps: steps, preview: false };
  const clients: LoadClient[] = [];
  for (let i = 0; i < sessions; i++) {
    clients.push(await LoadClient.open({ url: urls[i % urls.length]!, params, frames }));
  }
  clients.forEach((client, i) => client.start(fps, (1_000 * i) / fps / sessions));
  await sleep(SETTLE_MS);
  return clients;
}

interface Measured {
  readonly records: readonly LoadRecord[];
  readonly seconds: number;
}

/** Measures sessions for a time, then closes them. */
export async function measureClients(clients: readonly LoadClient[], seconds: number): Promise<Measured> {
  const startedMs = performance.now();
  const records = clients.map((client) => client.measure());
  await sleep(1_000 * seconds);
  const took = (performance.now() - startedMs) / 1_000;
  for (const client of clients) client.close();
  return { records, seconds: took };
}

/** Waits until the workers of a server stay the same. */
async function settled(served: Served): Promise<void> {
  const startedMs = performance.now();
  let [known, sinceMs] = ['', startedMs];
  while (performance.now() < Math.min(sinceMs + STEADY_MS, startedMs + LONGEST_SETTLE_MS)) {
    const workers = (await served.workers()).join();
    if (workers !== known) [known, sinceMs] = [workers, performance.now()];
    await sleep(LOOK_MS);
  }
}

async function readCalls(served: Served): Promise<{ readonly calls: number; readonly rows: number }> {
  const [calls, rows] = [
    await served.metric('underpaint_unet_calls_total'),
    await served.metric('underpaint_unet_rows_total'),
  ];
  return { calls, rows };
}

export function summaryOf({ records, seconds }: Measured): Omit<SessionBenchRow, 'rowsPerCall' | 'ageRatio'> {
  const imageMs = records.flatMap((record) => record.imageMs);
  const captured = records.reduce((sum, record) => sum + record.captured, 0);
  return {
    sessions: records.length,
    imagesPerSecond: round(imageMs.length / seconds),
    p50Ms: round(quantile(imageMs, 0.5)),
    p95Ms: round(quantile(imageMs, 0.95)),
    p99Ms: round(quantile(imageMs, 0.99)),
    dropRatio: round(Math.max(0, 1 - imageMs.length / captured)),
    jain: round(jain(records.map(({ steps }) => steps))),
  };
}
