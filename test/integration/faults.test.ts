import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { copyModel } from '../helpers/copied-model.js';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

const run = promisify(execFile);

let server: UnderpaintServer;
beforeAll(async () => void (server = await startServer({ drainSeconds: 5, silentMs: 600_000 })));
afterAll(() => server.stop());

/** Process ids of a server's workers. */
function pids(of: UnderpaintServer): number[] {
  return (of.info() as { workers: { pid: number }[] }).workers.map(({ pid }) => pid);
}

describe('a worker that dies', () => {
  it('fails its frames with a retryable error, and keeps all sessions', async () => {
    const client = await TestClient.live(server.port);
    client.send({ type: 'params', params: { steps: 8 } });
    client.sendFrame(1, await frameJpeg(1));
    client.sendFrame(2, await frameJpeg(2));
    process.kill(pids(server)[0]!, 'SIGKILL');
    // Its end is noticed, and not its silence.
    const error = await client.until('error');
    expect(error).toMatchObject({ code: 'worker-failed', retryable: true });
    expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(503);
    client.sendFrame(3, await frameJpeg(3));
    await client.until('image', ({ seq }) => seq === 3);
    expect(client.closed).toBeUndefined();
    client.close();
  });
});

describe('a device that runs out of memory', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('fails its frames and restarts with fewer rows', async () => {
    const work = await mkdtemp(join(tmpdir(), 'underpaint-memory-'));
    vi.stubEnv('SHORT_OF_MEMORY', join(work, 'short'));
    vi.stubEnv('NODE_OPTIONS', `--import ${new URL('../helpers/short-of-memory.mjs', import.meta.url)}`);
    const short = await startServer({ maxRows: 4 });
    const [pid] = pids(short);
    const client = await TestClient.live(short.port);
    await writeFile(process.env['SHORT_OF_MEMORY']!, '');
    client.sendFrame(1, await frameJpeg(1));
    const message = 'cpu has too little memory for this model at this size';
    expect(await client.until('error')).toMatchObject({ code: 'worker-failed', retryable: true, seq: 1, message });
    await vi.waitUntil(() => short.isReady && !pids(short).includes(pid!), { timeout: 20_000 });
    client.sendFrame(2, await frameJpeg(2));
    await client.until('image', ({ seq }) => seq === 2);
    expect((short.info() as { pace: { maxRows: number } }).pace.maxRows).toBe(2);
    client.close();
    await short.stop();
    await rm(work, { recursive: true });
  });
});

describe('a worker that dies while being measured', { timeout: 60_000 }, () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is replaced', async () => {
    vi.stubEnv('NODE_OPTIONS', `--import ${new URL('../helpers/dies-when-measured.mjs', import.meta.url)}`);
    const model = await copyModel();
    const measured = await startServer({ workers: 'auto', model });
    const [pid] = pids(measured);
    await vi.waitUntil(() => measured.isReady && !pids(measured).includes(pid!), { timeout: 40_000 });
    expect(pids(measured)).toHaveLength(1);
    const client = await TestClient.live(measured.port);
    client.sendFrame(1, await frameJpeg(1));
    await client.until('image');
    client.close();
    await measured.stop();
    await rm(model, { recursive: true });
  });
});

describe('a clean stop', () => {
  it('finishes the frame in flight, says bye, closes and leaves no process', async () => {
    const stopping = await startServer();
    const client = await TestClient.live(stopping.port);
    const [pid] = pids(stopping);
    client.sendFrame(1, await frameJpeg(1));
    // The answer to params shows that the frame has arrived, and so was claimed.
    client.send({ type: 'params', params: {} });
    await client.until('params');
    await stopping.stop();
    await client.untilClosed();
    // On a slow machine a preview comes first.
    expect(client.all('image').filter(({ final }) => final)).toMatchObject([{ seq: 1 }]);
    expect(client.all('bye')).toMatchObject([{ code: 1012 }]);
    expect(client.closed?.code).toBe(1012);
    expect(() => process.kill(pid!, 0)).toThrow();
  });
});

describe('when one of two workers dies', () => {
  it('only its own frames fail, and its sessions move to the other', async () => {
    const two = await startServer({ workers: 2, threads: 1 });
    const [clients, jpeg] = [await Promise.all([1, 2, 3].map(() => TestClient.live(two.port))), await frameJpeg(1)];
    for (const client of clients) {
      client.send({ type: 'params', params: { steps: 8 } });
      client.sendFrame(1, jpeg);
    }
    process.kill(pids(two)[0]!, 'SIGKILL');
    // The third frame waits in its mailbox, or ran on the other worker.
    const ends = await Promise.all(
      clients.map((client) => Promise.race([client.until('image'), client.until('error')])),
    );
    expect(ends.filter(({ type }) => type === 'error').length).toBeLessThanOrEqual(1);
    expect((await fetch(`http://127.0.0.1:${two.port}/readyz`)).status).toBe(200);
    // All sessions continue on the remaining worker.
    for (const [i, client] of clients.entries()) client.sendFrame(2, await frameJpeg(2 + i));
    await Promise.all(clients.map((client) => client.until('image', ({ seq }) => seq === 2)));
    await two.stop();
  });
});

describe('a worker that hangs', () => {
  it('is noticed and replaced', async () => {
    const hanging = await startServer({ hangMs: 1_500 });
    const client = await TestClient.live(hanging.port);
    const [pid] = pids(hanging);
    process.kill(pid!, 'SIGSTOP');
    client.sendFrame(1, await frameJpeg(1));
    expect(await client.until('error')).toMatchObject({ code: 'worker-failed', retryable: true, seq: 1 });
    client.sendFrame(2, await frameJpeg(2));
    await client.until('image', ({ seq }) => seq === 2);
    expect(pids(hanging)).not.toContain(pid);
    await hanging.stop();
  });
});

describe('a process without file descriptors', () => {
  it('continues without a worker, and starts one when descriptors are free', async () => {
    const script = fileURLToPath(new URL('../helpers/short-of-descriptors.mjs', import.meta.url));
    const { stdout } = await run('sh', ['-c', 'ulimit -n 300; exec "$0" "$1"', process.execPath, script]);
    expect(JSON.parse(stdout)).toEqual({
      wasReady: false,
      isReady: true,
      refusal: expect.stringMatching(/^UsageError: .* EMFILE: allow more open files, as with ulimit -n/) as string,
    });
  });
});
