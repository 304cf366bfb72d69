import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../server/dist/config/config.js';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

let server: UnderpaintServer;
afterEach(() => server.stop());

const FRAME = new Uint8Array(2_000);

/** A server on a device whose cost the test chooses. */
async function start(settings: Partial<Config>): Promise<void> {
  server = await startServer({ device: 'fake:20ms+1ms', ...settings });
}

describe('a full server', () => {
  it('lets newcomers wait in line, tells them their position, and admits them when a place is free', async () => {
    await start({ maxSessions: 1 });
    const first = await TestClient.live(server.port);
    const [second, third] = [await TestClient.open(server.port), await TestClient.open(server.port)];
    second.send({ type: 'hello' });
    expect(await second.until('waiting')).toMatchObject({ position: 1 });
    third.send({ type: 'hello' });
    expect(await third.until('waiting')).toMatchObject({ position: 2 });
    first.close();
    await second.until('welcome');
    await third.until('waiting', ({ position }) => position === 1);
    second.sendFrame(1, FRAME);
    await second.until('image');
  });

  it('refuses a client when the line is full, and says when to return', async () => {
    await start({ maxSessions: 1, maxWaiting: 0 });
    await TestClient.live(server.port);
    const second = await TestClient.open(server.port);
    second.send({ type: 'hello' });
    const bye = await second.until('bye');
    expect(bye.code).toBe(1013);
    expect(bye.reconnectAfterMs).toBeGreaterThan(0);
    expect((await second.untilClosed()).code).toBe(1013);
  });

  it('asks the session that has been idle longest to give up its place if others wait', async () => {
    await start({ maxSessions: 1, idleMs: 300 });
    const idle = await TestClient.live(server.port);
    const next = await TestClient.open(server.port);
    next.send({ type: 'hello' });
    await next.until('welcome');
    expect(idle.all('bye')).toMatchObject([{ code: 1013 }]);
  });

  it('gives its place back to a client whose socket broke', async () => {
    await start({ maxSessions: 1 });
    const first = await TestClient.live(server.port);
    const again = await TestClient.live(server.port, { resume: first.welcome.resume });
    expect(again.welcome.session).toBe(first.welcome.session);
    expect((await first.untilClosed()).code).toBe(4009);
  });
});

describe('a device that is slow', () => {
  it('admits only as many clients as it can give an image a second', async () => {
    await start({ device: 'fake:200ms+1ms', maxRows: 1 });
    const clients: TestClient[] = [];
    // Two steps of 201 ms each: two clients fit in a second, the third does not.
    for (let i = 0; i < 3; i++) {
      const client = await TestClient.open(server.port);
      clients.push(client);
      client.send({ type: 'hello' });
      await Promise.race([client.until('welcome'), client.until('waiting')]);
      client.sendFrame(1, FRAME);
    }
    expect(clients.map((client) => client.all('welcome').length)).toEqual([1, 1, 0]);
  });

  it('sends previews from the start, and a finer picture when the session goes quiet', async () => {
    await start({ device: 'fake:150ms+1ms', maxRows: 1, refineSteps: 3, quietMs: 50 });
    const client = await TestClient.live(server.port);
    expect(client.welcome.params.preview).toBe(true);
    client.sendFrame(1, FRAME);
    await client.until('image', ({ reason }) => reason === 'refine');
    const images = client.all('image').map(({ seq, step, steps, final, reason }) => [seq, step, steps, final, reason]);
    expect(images).toEqual([
      [1, 1, 2, false, 'frame'],
      [1, 2, 2, true, 'frame'],
      [1, 3, 3, true, 'refine'],
    ]);
  });

  it('gives fewer steps to clients that allow it, and says so', async () => {
    await start({ maxRows: 1, targetServerMs: 30 });
    const client = await TestClient.live(server.port);
    client.send({ type: 'params', params: { steps: 4, minSteps: 1 } });
    const isLowered = ({ steps }: { steps: number }) => steps < 4;
    for (let seq = 1; !client.all('image').some(isLowered) && seq < 60; seq++) {
      client.sendFrame(seq, Uint8Array.of(seq));
      await client.until('image', (image) => image.seq === seq);
    }
    expect(client.all('image').at(0)?.steps).toBe(4);
    expect(client.all('image').at(-1)?.steps).toBeLessThan(4);
  });
});

describe('several devices', () => {
  it('work at the same time', async () => {
    await start({ device: 'fake:1000ms+1ms,fake:1000ms+1ms', maxRows: 1 });
    const clients = await Promise.all([TestClient.live(server.port), TestClient.live(server.port)]);
    const startedMs = performance.now();
    for (const client of clients) client.sendFrame(1, FRAME);
    await Promise.all(clients.map((client) => client.until('image', ({ final }) => final)));
    // Two steps each: one device would take 4 s for both.
    expect(performance.now() - startedMs).toBeLessThan(3_900);
  });

  it('that do not start are reported in one line, and auto takes one that does', async () => {
    await expect(startServer({ device: 'abacus' })).rejects.toThrow(
      /there is no device "abacus"; the devices are auto, cpu/,
    );
    await expect(startServer({ device: 'cuda:7' })).rejects.toThrow(/does not load on cuda/);
    server = await startServer({ device: 'auto' });
    expect(server.isReady).toBe(true);
  });
});

describe('a model whose card says that more steps make no finer picture', () => {
  it('is not refined', async () => {
    await start({ device: 'cpu', refineSteps: 4, quietMs: 50 });
    const client = await TestClient.live(server.port);
    client.sendFrame(1, await frameJpeg(1));
    await client.until('image');
    await setTimeout(400);
    expect(client.all('image').map(({ reason }) => reason)).toEqual(['frame']);
  });
});
