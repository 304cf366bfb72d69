import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../helpers/cluster.js';
import { hasNatsServer, NatsServer } from '../helpers/nats-server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { RoomClient } from '../helpers/room-client.js';
import { eventually } from '../helpers/started.js';
import { TestClient } from '../helpers/test-client.js';

const FAST = ['--device', 'fake:10ms+1ms'];
/** One frame at a time, each of which takes 2 x 100 ms. */
const ONE_ROW = ['--device', 'fake:100ms+0ms', '--max-rows', '1'];
const FRAME = new Uint8Array(2_000);
/** Three missed beats, on a busy machine. */
const NOTICED_MS = 6_000;
const GATEWAY_SUBJECTS = ['underpaint.>', '_INBOX.>', '$JS.>', '$KV.>'];

interface Info {
  readonly model: { readonly id: string };
  readonly workers: readonly { readonly host?: string; readonly ready: boolean }[];
}

async function info(port: number): Promise<Info> {
  return (await (await fetch(`http://127.0.0.1:${port}/api/info`)).json()) as Info;
}

/** Sends frames until the connection ends or `stop` is called, with the next one as soon as the last has its end. */
function draw(client: TestClient): () => void {
  let seq = 0;
  let isStopped = false;
  const next = () => {
    if (!isStopped) client.sendFrame(++seq, new Uint8Array(2_000).fill(seq % 256));
  };
  client.onMessage = ({ type }) => {
    if (type === 'image' || type === 'error' || type === 'dropped') next();
  };
  next();
  return () => void (isStopped = true);
}

describe.runIf(hasNatsServer('gateways and workers over NATS'))('gateways and workers over NATS', () => {
  let nats: NatsServer;
  let cluster: Cluster;
  beforeAll(async () => {
    nats = await NatsServer.start();
    cluster = new Cluster(nats.url);
  });
  afterEach(() => cluster.stop());
  afterAll(() => nats.stop());

  it('make a picture, with the model known to the worker only', async () => {
    const starting = cluster.startGateway();
    await cluster.worker('--workers', '1', '--threads', '1', '--max-rows', '1');
    const port = await starting.port();
    const client = await TestClient.live(port);
    expect(client.welcome.model.id).toBe((await info(port)).model.id);
    client.sendFrame(1, await frameJpeg(1));
    const { data, width } = await client.until('image');
    expect(width).toBe(client.welcome.model.width);
    expect([...data.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    client.close();
  });

  it('take in a worker that comes later, and use all of them', async () => {
    await cluster.worker(...ONE_ROW);
    const { servesOn } = await cluster.gateway();
    const clients = await Promise.all([1, 2, 3, 4].map(() => TestClient.live(servesOn)));
    const stops = clients.map(draw);
    await cluster.worker(...ONE_ROW);
    await eventually(async () => (await info(servesOn)).workers.length === 2);
    for (const stop of stops) stop();
    expect((await info(servesOn)).workers.every(({ ready, host }) => ready && host !== undefined)).toBe(true);
    for (const client of clients) client.close();
  });

  it('fail the frames of a killed worker within 3 s, so that they may be sent again, and go on with another', async () => {
    const [worker] = await Promise.all([cluster.worker(...ONE_ROW), cluster.worker(...ONE_ROW)]);
    const { servesOn } = await cluster.gateway();
    await eventually(async () => (await info(servesOn)).workers.length === 2);
    const clients = await Promise.all([1, 2, 3].map(() => TestClient.live(servesOn)));
    const stops = clients.map(draw);
    await Promise.all(clients.map((client) => client.until('image')));
    worker.signal('SIGKILL');
    const killedMs = performance.now();
    const error = await Promise.race(clients.map((client) => client.until('error')));
    expect(performance.now() - killedMs).toBeLessThan(NOTICED_MS);
    expect(error).toMatchObject({ code: 'worker-failed', retryable: true });
    const images = clients.map((client) => client.all('image').length);
    await eventually(() => clients.every((client, i) => client.all('image').length > images[i]! + 2));
    for (const stop of stops) stop();
    expect(clients.every(({ closed }) => closed === undefined)).toBe(true);
    for (const client of clients) client.close();
  });

  it('notice a worker that hangs within 3 s, and use it again when it goes on', async () => {
    const worker = await cluster.worker(...ONE_ROW);
    const { servesOn } = await cluster.gateway();
    const client = await TestClient.live(servesOn);
    worker.signal('SIGSTOP');
    const stoppedMs = performance.now();
    client.sendFrame(1, FRAME);
    expect(await client.until('error')).toMatchObject({ retryable: true, seq: 1 });
    expect(performance.now() - stoppedMs).toBeLessThan(NOTICED_MS);
    client.sendFrame(2, FRAME);
    worker.signal('SIGCONT');
    await client.until('image', ({ seq }) => seq === 2);
    client.close();
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'get back what they granted to a gateway that ends by %s',
    async (signal) => {
      await cluster.worker(...ONE_ROW);
      const first = await cluster.gateway();
      const { servesOn } = await cluster.gateway();
      const client = await TestClient.live(servesOn);
      // The worker has granted its only row to the first one, ahead of its next frame.
      first.signal(signal);
      client.sendFrame(1, FRAME);
      const sentMs = performance.now();
      await client.until('image');
      expect(performance.now() - sentMs).toBeLessThan(NOTICED_MS);
      client.close();
    },
  );

  it('lose no frame when a worker is asked to stop', async () => {
    const worker = await cluster.worker(...FAST);
    await cluster.worker(...FAST);
    const { servesOn } = await cluster.gateway();
    await eventually(async () => (await info(servesOn)).workers.length === 2);
    const clients = await Promise.all([1, 2, 3, 4].map(() => TestClient.live(servesOn)));
    const stops = clients.map(draw);
    await Promise.all(clients.map((client) => client.until('image')));
    worker.signal('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    await eventually(async () => (await info(servesOn)).workers.length === 1);
    for (const stop of stops) stop();
    expect(clients.flatMap((client) => client.all('error'))).toEqual([]);
    for (const client of clients) client.close();
  });

  it('leave out a worker with another model', async () => {
    await cluster.worker(...FAST);
    const gateway = await cluster.gateway();
    await cluster.worker(...FAST, '--size', '256');
    await gateway.until(/width: 256, not 512.*a worker is not used: it has another model/);
    expect((await info(gateway.servesOn)).workers).toHaveLength(1);
  });

  it('say in one line what is wrong with the address', async () => {
    const ends = await Promise.all(
      ['nats://127.0.0.1:1', 'http://127.0.0.1'].map(async (url) => {
        const started = new Cluster(url).startGateway();
        return { ...(await started.ended), output: started.output };
      }),
    );
    expect(ends).toMatchObject([
      { code: 2, output: expect.stringMatching(/^underpaint: cannot connect to NATS at 127.0.0.1:1: .+\n$/) as string },
      { code: 2, output: expect.stringMatching(/^underpaint: --nats must be like nats:.+\n$/) as string },
    ]);
  });

  it('need users who may use the subjects in OPERATING.md, and nothing else', async () => {
    const user = (name: string, subjects: readonly string[]) => {
      const allowed = JSON.stringify(subjects);
      return `{ user: "${name}", password: "s/3", permissions: { publish: ${allowed}, subscribe: ${allowed} } }`;
    };
    const users = [user('worker', ['underpaint.>']), user('gateway', GATEWAY_SUBJECTS)];
    const dir = await mkdtemp(join(tmpdir(), 'underpaint-jetstream-'));
    const guarded = await NatsServer.start(
      `jetstream { store_dir: "${dir}" }`,
      `authorization { users: [${users.join(', ')}] }`,
    );
    const as = (name: string, password: string) =>
      new Cluster(guarded.url.replace('nats://', `nats://${name}:${encodeURIComponent(password)}@`));
    const stranger = as('worker', 'wrong').startGateway();
    expect(await stranger.ended).toMatchObject({ code: 2 });
    expect(stranger.output).toMatch(/^underpaint: cannot connect to NATS at [\d.:]+: Authorization Violation\n$/i);
    const [workers, gateways] = [as('worker', 's/3'), as('gateway', 's/3')];
    const worker = await workers.worker(...FAST);
    const gateway = await gateways.gateway();
    const owner = await RoomClient.join(gateway.servesOn, {
      room: randomBytes(16).toString('base64url'),
      role: 'owner',
    });
    owner.draw(1);
    owner.sendFrame(1, FRAME);
    await owner.wire.until('image');
    gateway.signal('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    expect(gateway.output + worker.output).not.toMatch(/permission/i);
    await Promise.all([workers.stop(), gateways.stop()]);
    await guarded.stop();
    await rm(dir, { recursive: true });
  });

  it('find each other again after the broker was restarted, and keep their sessions', async () => {
    const broker = await NatsServer.start();
    const own = new Cluster(broker.url);
    await own.worker(...FAST);
    const gateway = await own.gateway();
    const client = await TestClient.live(gateway.servesOn);
    client.sendFrame(1, FRAME);
    await client.until('image');
    await broker.stop();
    await gateway.until(/a worker left/);
    const again = await NatsServer.start(`listen: "${new URL(broker.url).host}"`);
    client.sendFrame(2, new Uint8Array(2_000).fill(2));
    await client.until('image', ({ seq }) => seq === 2);
    expect(client.closed).toBeUndefined();
    client.close();
    await own.stop();
    await again.stop();
  });

  it('serve with own workers and those elsewhere', async () => {
    await cluster.worker(...FAST);
    const { servesOn } = await cluster.gateway('--workers', '1', ...FAST);
    await eventually(async () => (await info(servesOn)).workers.length === 2);
    const hosts = (await info(servesOn)).workers.map(({ host }) => host);
    expect(hosts.filter((host) => host === undefined)).toHaveLength(1);
  });
});
