import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

let server: UnderpaintServer;
beforeAll(async () => void (server = await startServer({ drainMs: 5_000 })));
afterAll(() => server.stop());

interface Info {
  readonly worker: { readonly pid: number };
}

describe('a worker that dies', () => {
  it('costs its frames an error that may be retried, and no session', async () => {
    const client = await TestClient.live(server.port);
    client.send({ type: 'params', params: { steps: 8 } });
    client.sendFrame(1, await frameJpeg(1));
    client.sendFrame(2, await frameJpeg(2));
    process.kill((server.info() as Info).worker.pid, 'SIGKILL');
    const killedMs = performance.now();
    const error = await client.until('error');
    expect(performance.now() - killedMs).toBeLessThan(1_000);
    expect(error).toMatchObject({ code: 'worker-failed', retryable: true });
    expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(503);
    client.sendFrame(3, await frameJpeg(3));
    await client.until('image', ({ seq }) => seq === 3);
    expect(client.closed).toBeUndefined();
    client.close();
  });
});

describe('a clean stop', () => {
  it('finishes the frame in flight, says bye, closes and leaves no process', async () => {
    const stopping = await startServer();
    const client = await TestClient.live(stopping.port);
    const { pid } = (stopping.info() as Info).worker;
    client.sendFrame(1, await frameJpeg(1));
    // The frame is claimed as soon as it arrives; the answer to params tells that it has.
    client.send({ type: 'params', params: {} });
    await client.until('params');
    await stopping.stop();
    await client.untilClosed();
    expect(client.all('image').map(({ seq }) => seq)).toEqual([1]);
    expect(client.all('bye')).toMatchObject([{ code: 1012 }]);
    expect(client.closed?.code).toBe(1012);
    expect(() => process.kill(pid, 0)).toThrow();
  });
});

describe('a full server', () => {
  it('tells one client more to come back later', async () => {
    const small = await startServer({ maxSessions: 1 });
    const first = await TestClient.live(small.port);
    const second = await TestClient.open(small.port);
    expect(await second.until('bye')).toMatchObject({ code: 1013 });
    expect((await second.untilClosed()).code).toBe(1013);
    expect(first.closed).toBeUndefined();
    await small.stop();
  });
});
