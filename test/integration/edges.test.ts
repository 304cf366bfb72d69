import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRequestListener, type HttpRoutes } from '../../server/dist/transport/http.js';
import { Listener } from '../../server/dist/transport/listener.js';
import { acceptUpgrades, type UpgradeOptions } from '../../server/dist/transport/ws/upgrades.js';
import { recordFaults } from '../helpers/fakes.js';
import { ask, RawHttp, UPGRADE } from '../helpers/raw-http.js';

let listener: Listener;
const { guard, faults } = recordFaults();
beforeEach(() => void (faults.length = 0));
afterEach(() => listener.close(0));

function broken(): never {
  throw new Error('broken');
}

/** Binary, masked with zeros. */
const EMPTY_MESSAGE = Buffer.from([0x82, 0x80, 0, 0, 0, 0]);

const gate = { isAllowedHost: () => true, isAllowedOrigin: () => true, refusalOfOrigin: () => undefined };

/** The edges of a server, with nothing behind them but what a test breaks. */
async function listen(routes: Partial<HttpRoutes> = {}, upgrades: Partial<UpgradeOptions> = {}): Promise<void> {
  listener = new Listener({
    host: '127.0.0.1',
    port: 0,
    tlsCert: '',
    tlsKey: '',
    maxConnections: 100,
    onRequest: createRequestListener({
      basePath: '/',
      frameAncestors: [],
      framePass: () => '',
      gate,
      guard,
      ideasDir: '',
      isReady: () => true,
      info: () => ({}),
      operate: () => undefined,
      hasInternalPort: false,
      createRoom: () => Promise.resolve({ status: 429 }),
      metrics: () => Promise.resolve(''),
      metricsType: 'text/plain',
      ...routes,
    }),
    onDropped: () => undefined,
    onError: () => undefined,
  });
  acceptUpgrades(listener.server, {
    path: '/ws',
    maxMessageBytes: 1_000,
    gate,
    guard,
    addressOf: () => '',
    busy: () => undefined,
    onConnect: () => undefined,
    onRefused: () => undefined,
    ...upgrades,
  });
  await listener.listen();
}

const request = (start: string) => ask(listener.port, `${start} HTTP/1.1`, 'Host: localhost', 'Connection: close');
const upgrade = () => ask(listener.port, 'GET /ws HTTP/1.1', ...UPGRADE);

describe('an unexpected error ends that request and nothing else', () => {
  it.each<[string, string, Partial<HttpRoutes>]>([
    ['in a GET', 'GET /api/info', { info: broken }],
    ['in a POST', 'POST /api/rooms', { createRoom: broken }],
    ['in a check', 'GET /', { gate: { ...gate, isAllowedHost: broken } }],
    ['after a wait', 'GET /metrics', { metrics: () => setTimeout(10).then(broken) }],
    ['as a value that cannot be written down', 'GET /api/info', { info: () => ({ toJSON: broken }) }],
  ])('%s', async (_name, start, routes) => {
    await listen(routes);
    expect(await request(start)).toContain(' 500 Internal Server Error');
    expect(faults).toEqual(['http']);
    expect(await request('GET /healthz')).toContain(' 200 OK');
  });

  it('in an upgrade', async () => {
    await listen({}, { busy: broken });
    expect(await upgrade()).toContain(' 500 Internal Server Error');
    expect(faults).toEqual(['upgrade']);
    expect(await request('GET /healthz')).toContain(' 200 OK');
  });

  it('when a socket is taken', async () => {
    await listen({}, { onConnect: broken });
    const connection = await RawHttp.open(listener.port);
    connection.send('GET /ws HTTP/1.1', ...UPGRADE);
    // Nobody hears what this breaks.
    connection.socket.write(Buffer.from([0xff, 0xff, 0, 0]));
    await connection.untilClosed();
    expect(faults).toEqual(['connect']);
    expect(await request('GET /healthz')).toContain(' 200 OK');
  });
});

describe('a refused upgrade', () => {
  it('is answered and destroyed, and holds up nothing', async () => {
    const reasons: string[] = [];
    await listen({}, { busy: () => 'full', onRefused: (reason) => reasons.push(reason) });
    // Waits until the server has destroyed its side; ours stays open.
    expect(await upgrade()).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: \d+/);
    expect(reasons).toEqual(['full']);
  });
});

describe('messages that arrive together', () => {
  it('are handled one in a turn of the loop, so others are not kept waiting', async () => {
    const COUNT = 500;
    let [messages, inTurn, most] = [0, 0, 0];
    const handleMessage = () => {
      messages += 1;
      most = Math.max(most, ++inTurn);
      setImmediate(() => (inTurn = 0));
    };
    const onConnect: UpgradeOptions['onConnect'] = (peer) =>
      peer.listen({ handleMessage, handleError: () => undefined, handleClose: () => undefined });
    await listen({}, { onConnect });
    const connection = await RawHttp.open(listener.port);
    connection.send('GET /ws HTTP/1.1', ...UPGRADE);
    await connection.untilAnswers(1);
    connection.socket.write(Buffer.concat(Array.from({ length: COUNT }, () => EMPTY_MESSAGE)));
    await vi.waitFor(() => expect(messages).toBe(COUNT));
    expect(most).toBe(1);
  });
});
