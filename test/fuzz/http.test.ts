import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGuard } from '../../server/src/guard.js';
import { createRequestListener } from '../../server/src/transport/http.js';
import { Gate } from '../../server/src/transport/gate.js';
import { Listener } from '../../server/src/transport/listener.js';
import { acceptUpgrades } from '../../server/src/transport/ws/upgrades.js';
import { mutatedRequests } from './requests.js';
import { tries } from './scale.js';

const HOST = '127.0.0.1';

let listener: Listener;
const faults: unknown[] = [];
const ROUTES = {
  basePath: '/',
  frameAncestors: [],
  framePass: () => '',
  ideasDir: '',
  isReady: () => true,
  info: () => ({}),
  operate: () => undefined,
  hasInternalPort: false,
  createRoom: () => Promise.resolve({ status: 201, json: {} }),
  metrics: () => Promise.resolve(''),
  metricsType: 'text/plain',
};

beforeAll(async () => {
  const log = { error: (entry: unknown) => void faults.push(entry), warn: () => undefined } as never;
  const guard = createGuard({ log, faults: { inc: () => undefined } as never });
  const now = () => performance.now();
  const gate = new Gate({
    allowedHosts: ['a'],
    allowedOrigins: [],
    host: HOST,
    isTls: false,
    isPass: () => false,
    log,
    now,
  });
  const onRequest = createRequestListener({ ...ROUTES, gate, guard });
  const ignored = { onDropped: () => undefined, onError: () => undefined };
  // An odd request may be incomplete: waits no longer than this.
  const timeouts = { headers: 100, request: 200, keepAlive: 200, check: 20 };
  const at = { host: HOST, port: 0, tlsCert: '', tlsKey: '', maxConnections: 100 };
  listener = new Listener({ ...at, ...ignored, onRequest, timeouts });
  acceptUpgrades(listener.server, {
    path: '/ws',
    maxMessageBytes: 1_000,
    gate,
    guard,
    addressOf: () => '127.0.0.1',
    busy: () => undefined,
    onConnect: (peer) => {
      const ignore = () => undefined;
      peer.listen({ handleMessage: () => peer.close(1000, ''), handleError: ignore, handleClose: ignore });
    },
    onRefused: () => undefined,
  });
  await listener.listen();
});
afterAll(() => listener.close(0));

/** Sends the bytes and waits for an answer or the end of the connection, which must come. */
async function send(text: string, isHalfClosed: boolean): Promise<void> {
  const socket = connect({ port: listener.port, host: HOST, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(Buffer.from(text, 'latin1'));
  if (isHalfClosed) socket.end();
  const signal = AbortSignal.timeout(5_000);
  await Promise.race([
    once(socket, 'data', { signal }),
    once(socket, 'end', { signal }),
    once(socket, 'close', { signal }),
  ]);
  socket.destroy();
}

/** 408 if this process, which is both sides, took longer than the time limit of a request. */
const health = async () => (await fetch(`http://${HOST}:${listener.port}/healthz`)).status;

it('answers or ends every odd request, and goes on serving', async () => {
  let sent = 0;
  const property = fc.asyncProperty(mutatedRequests, fc.boolean(), async (text, isHalfClosed) => {
    await send(text, isHalfClosed);
    if (++sent % 25 === 0) await expect.poll(health, { timeout: 5_000 }).toBe(200);
    expect(faults).toEqual([]);
  });
  await fc.assert(property, tries('odd requests', 10_000));
  await setTimeout(300);
  const connections = () => new Promise((resolve) => listener.server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections, { timeout: 5_000 }).toBe(0);
}, 1_200_000);
