import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FloodClient } from './flood-client.js';
import { Served } from './served.js';
import { round } from './statistics.js';

export interface GatewayBenchOptions {
  readonly sessions: number;
  /** Of each measurement. */
  readonly seconds: number;
  readonly onProgress: (share: number) => void;
}

export interface GatewayBenchRow {
  readonly sessions: number;
  /** Size of the picture in a message. */
  readonly bytes: number;
  /** Messages in and out: a frame, its image and the acknowledgement are three. */
  readonly messagesPerSecond: number;
  /** The same over that of a server that only echoes messages of this size. */
  readonly echoRatio: number;
  readonly sessionsPerSecond: number;
  /** Resident memory that a session without pictures adds. */
  readonly bytesPerSession: number;
  /** How late the event loop is at half that load, ms, 99 %. */
  readonly loopP99Ms: number;
}

const SIZES = [4_096, 30_720];
const SETTLE_MS = 500;
/** The metric is the time from one look at the clock to the next, and so much of it is no delay. */
const LOOP_INTERVAL_MS = 10;
const CONNECT_AT_ONCE = 50;
/** A device that costs nothing, so that only the server is measured. */
const SERVE = ['--device', 'fake:0ms+0ms', '--max-rows', '64', '--refine-steps', '0', '--max-sessions', '100000'];

/** Floods a server without a model, and one that only echoes, with the same messages in turn. */
export async function benchGateway({ sessions, seconds, onProgress }: GatewayBenchOptions): Promise<GatewayBenchRow[]> {
  const rows: GatewayBenchRow[] = [];
  for (const [i, bytes] of SIZES.entries()) {
    const echoed = await floodEcho({ sessions, seconds, bytes });
    onProgress((i + 0.4) / SIZES.length);
    rows.push(await floodServer({ sessions, seconds, bytes }, echoed));
    onProgress((i + 1) / SIZES.length);
  }
  return rows;
}

interface Flood {
  readonly sessions: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** Messages a second, in and out. */
async function floodEcho({ sessions, seconds, bytes }: Flood): Promise<number> {
  const child = fork(fileURLToPath(new URL('./echo-server.js', import.meta.url)));
  const [port] = (await once(child, 'message')) as [number];
  const clients = await connect(sessions, { url: `ws://127.0.0.1:${port}/`, bytes, speaks: false });
  const answers = await flood(clients, seconds);
  for (const client of clients) client.close();
  child.kill();
  await once(child, 'exit');
  return (2 * answers) / seconds;
}

async function floodServer({ sessions, seconds, bytes }: Flood, echoed: number): Promise<GatewayBenchRow> {
  const served = await Served.start(SERVE);
  try {
    const before = await served.metric('process_resident_memory_bytes');
    const startedMs = performance.now();
    const clients = await connect(sessions, { url: served.socketUrl, bytes, speaks: true });
    const tookMs = performance.now() - startedMs;
    await sleep(SETTLE_MS);
    const memory = (await served.metric('process_resident_memory_bytes')) - before;
    const answers = await flood(clients, seconds);
    await sleep(SETTLE_MS);
    await served.metric('nodejs_eventloop_lag_p99_seconds');
    await pace(clients, { perSecond: answers / seconds / 2, seconds });
    const loopP99 = await served.metric('nodejs_eventloop_lag_p99_seconds');
    for (const client of clients) client.close();
    return {
      sessions,
      bytes,
      messagesPerSecond: Math.round((3 * answers) / seconds),
      echoRatio: round((3 * answers) / seconds / echoed),
      sessionsPerSecond: Math.round((1_000 * sessions) / tookMs),
      bytesPerSession: Math.round(memory / sessions),
      loopP99Ms: round(1_000 * loopP99 - LOOP_INTERVAL_MS),
    };
  } finally {
    await served.stop();
  }
}

async function connect(count: number, options: Parameters<typeof FloodClient.open>[0]): Promise<FloodClient[]> {
  const clients: FloodClient[] = [];
  while (clients.length < count) {
    const some = Math.min(CONNECT_AT_ONCE, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: some }, () => FloodClient.open(options)))));
  }
  return clients;
}

/** Every client sends its next frame when the last was answered; answers of the time that is measured. */
async function flood(clients: readonly FloodClient[], seconds: number): Promise<number> {
  let answers = 0;
  let running = true;
  for (const client of clients) {
    client.onAnswer(() => {
      answers += 1;
      if (running) client.send();
    });
    client.send();
  }
  await sleep(SETTLE_MS);
  const before = answers;
  await sleep(1_000 * seconds);
  const counted = answers - before;
  running = false;
  return counted;
}

const TICK_MS = 5;

/** Sends at a steady rate, by the clients in turn. */
async function pace(
  clients: readonly FloodClient[],
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<void> {
  for (const client of clients) client.onAnswer(() => undefined);
  const startedMs = performance.now();
  let next = 0;
  for (let sent = 0; performance.now() - startedMs < 1_000 * seconds; await sleep(TICK_MS)) {
    const due = ((performance.now() - startedMs) / 1_000) * perSecond;
    for (; sent < due; sent++) {
      const client = clients[next++ % clients.length]!;
      if (client.isFree) client.send();
    }
  }
}
