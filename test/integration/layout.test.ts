import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { availableCores } from '../../server/dist/inference/host/cores.js';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { copyModel } from '../helpers/copied-model.js';
import { frameJpeg } from '../helpers/pictures.js';
import { eventually } from '../helpers/started.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';
import { workerPids } from '../helpers/worker-pids.js';

/* Real workers change with the number of people, while those draw. */

const WITHIN_MS = 40_000;
/** Who has drawn nothing for so long is no longer counted. */
const LATELY_MS = 20_000;

let model: string;
let server: UnderpaintServer;
beforeEach(async () => {
  model = await copyModel();
  server = await startServer({ workers: 'auto', model });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
  await rm(model, { recursive: true });
});

function pids(): number[] {
  return (server.info() as { workers: { pid: number }[] }).workers.map(({ pid }) => pid);
}

/** Whether there are no workers but those that serve. */
async function noneBeside(): Promise<boolean> {
  return (await workerPids()).sort().join() === pids().sort().join();
}

/** Somebody who draws until told to stop: then, how many images came. */
async function draw(): Promise<() => number> {
  const client = await TestClient.live(server.port);
  const frames = await Promise.all([1, 2, 3].map((n) => frameJpeg(n)));
  let seq = 0;
  const send = () => client.sendFrame(++seq, frames[seq % frames.length]!);
  client.onMessage = (message) => void (message.type === 'image' && message.final && send());
  send();
  return () => {
    expect(client.all('error')).toEqual([]);
    expect(client.closed).toBeUndefined();
    client.onMessage = () => undefined;
    client.close();
    return client.all('image').length;
  };
}

/** With one core there is one layout. Before anything is measured, two people get two workers. */
describe.runIf(availableCores() > 1)('the workers', { timeout: 2 * WITHIN_MS }, () => {
  it('are measured while nobody draws, and only once', async () => {
    expect(pids()).toHaveLength(1);
    const kept = () => readdir(join(model, '.optimised/measured'));
    // The pace with all threads, that of workers with fewer, and the comparison.
    await eventually(async () => (await kept()).length >= 3, WITHIN_MS);
    await eventually(noneBeside, WITHIN_MS);
  });

  it('become more when a second person draws, without an error, and fewer again', async () => {
    const [first] = pids();
    const stop = [await draw(), await draw()];
    await eventually(() => pids().length === 2, WITHIN_MS);
    expect(pids()).not.toContain(first);
    expect(stop.map((one) => one()).every((count) => count > 0)).toBe(true);
    await eventually(async () => !(await workerPids()).includes(first!), WITHIN_MS);
    // Now that nothing is under way, a long time may pass at once.
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + LATELY_MS);
    await eventually(() => pids().length === 1, WITHIN_MS);
    await eventually(noneBeside, WITHIN_MS);
  });

  it('stay if the ones that should follow die while they load', async () => {
    const stop = [await draw(), await draw()];
    await eventually(async () => (await workerPids()).length > 1, WITHIN_MS);
    const serving = pids();
    for (const pid of await workerPids()) if (!serving.includes(pid)) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(server.isReady).toBe(true);
    expect(stop.map((one) => one()).every((count) => count > 0)).toBe(true);
  });
});
