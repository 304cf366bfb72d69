import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';
import { nextWorker, workerPids } from '../helpers/worker-pids.js';

/*
 * Kills a worker, or stops it so that it neither answers nor ends, at nine moments of its life. Within 5 s, or on a busy
 * machine within ten times of a load, another one must load, images must follow, and no client may be disconnected. Each
 * moment takes one of the two signals, in turn; UNDERPAINT_ALL_MOMENTS=1 takes both, and prints the times.
 */

type Signal = 'SIGKILL' | 'SIGSTOP';

const REPLACED_MS = 5_000;
const isAll = process.env['UNDERPAINT_ALL_MOMENTS'] === '1';
const seen: string[] = [];

/** The signals to try at a moment. */
function signalsOf(moment: number): readonly Signal[] {
  const both = ['SIGKILL', 'SIGSTOP'] as const;
  return isAll ? both : [both[moment % 2]!];
}

let loadMs: number;
beforeAll(async () => {
  const startedMs = performance.now();
  const server = await startServer();
  loadMs = performance.now() - startedMs;
  await server.stop();
});
afterAll(() => {
  if (isAll) console.log([`a load takes ${loadMs.toFixed(0)} ms`, ...seen].join('\n'));
});

interface Strike {
  readonly pid: number;
  readonly signal: Signal;
  readonly moment: string;
}

/** Sends the signal, then waits for another worker in place of this one and, by `untilImage`, for images. */
async function strike({ pid, signal, moment }: Strike, untilImage: () => Promise<unknown>): Promise<void> {
  const struckMs = performance.now();
  process.kill(pid, signal);
  const replaced = untilReplaced(pid).then(() => performance.now() - struckMs);
  await untilImage();
  const backMs = performance.now() - struckMs;
  seen.push(
    `${signal} ${moment}: another after ${(await replaced).toFixed(0)} ms, an image after ${backMs.toFixed(0)} ms`,
  );
  expect(await replaced).toBeLessThan(Math.max(REPLACED_MS, 10 * loadMs));
}

/** Waits until this worker is gone and another one exists. */
async function untilReplaced(pid: number): Promise<void> {
  for (;;) {
    const workers = await workerPids();
    if (workers.length > 0 && !workers.includes(pid)) return;
    await sleep(20);
  }
}

let seq = 0;

async function sendFrame(client: TestClient): Promise<number> {
  const data = await frameJpeg(++seq);
  client.sendFrame(seq, data);
  return seq;
}

/** Waits for an image and, like a client, sends the frame again after each error. */
async function nextImage(client: TestClient): Promise<void> {
  for (;;) {
    const sent = await sendFrame(client);
    const end = await Promise.race([
      client.until('image', (image) => image.seq === sent && image.final),
      client.until('error', (error) => error.seq === sent),
    ]);
    if (end.type === 'image') return;
    await sleep(50);
  }
}

describe('a worker that dies at the start', () => {
  const moments: [moment: string, settings: Parameters<typeof startServer>[0], afterMs: () => number][] = [
    ['at once', {}, () => 0],
    ['while it loads', {}, () => 0.4 * loadMs],
    ['while it warms up', { maxRows: 0 }, () => 0.9 * loadMs],
  ];
  const tries = moments.flatMap(([moment, ...rest], i) =>
    signalsOf(i).map((signal) => [moment, signal, ...rest] as const),
  );

  it.each(tries)('%s by %s is replaced', async (moment, signal, settings, afterMs) => {
    const starting = startServer(settings);
    await nextWorker();
    await sleep(afterMs());
    const [pid] = await workerPids();
    try {
      await strike({ pid: pid!, signal, moment }, async () => nextImage(await TestClient.live((await starting).port)));
    } finally {
      await (await starting).stop();
    }
  });
});

describe('a worker that dies in use', () => {
  let server: UnderpaintServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer({ refineSteps: 8, quietMs: 100 });
    client = await TestClient.live(server.port);
  });
  afterAll(() => server.stop());

  const params = (steps: number, preview = false) =>
    client.send({ type: 'params', params: { steps, preview, similarity: 1 } });
  /** `reach` leads to the moment. */
  const moments: [moment: string, reach: () => Promise<unknown>][] = [
    ['idle', () => sleep(300)],
    ['with a frame just sent', () => sendFrame(client)],
    [
      'in the middle of a frame',
      async () => {
        params(8);
        await sendFrame(client);
        await sleep(80);
      },
    ],
    [
      'between a preview and its image',
      async () => {
        params(8, true);
        const sent = await sendFrame(client);
        await client.until('image', (image) => image.seq === sent);
      },
    ],
    [
      'while it refines',
      async () => {
        params(1);
        await nextImage(client);
        await sleep(130);
      },
    ],
    [
      'as soon as it was started again',
      async () => {
        const [pid] = await workerPids();
        process.kill(pid!, 'SIGKILL');
        await nextWorker([pid!]);
      },
    ],
  ];
  const tries = moments.flatMap(([moment, reach], i) =>
    signalsOf(i + 1).map((signal) => [moment, signal, reach] as const),
  );

  it.each(tries)('%s by %s is replaced without disconnecting anyone', async (moment, signal, reach) => {
    await nextImage(client);
    await reach();
    const [pid] = await workerPids();
    await strike({ pid: pid!, signal, moment }, () => nextImage(client));
    expect(client.closed).toBeUndefined();
  });
});
