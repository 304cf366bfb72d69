import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGuard } from '../../server/src/guard.js';
import { createRequestListener } from '../../server/src/transport/http.js';
import { Gate } from '../../server/src/transport/gate.js';
import { Listener } from '../../server/src/transport/listener.js';
import { acceptUpgrades } from '../../server/src/transport/upgrades.js';

/** `npm run fuzz` tries many more. */
const RUNS = 250 * Number(process.env['UNDERPAINT_FUZZ_SCALE'] ?? 1);
const HOST = '127.0.0.1';

let listener: Listener;
const faults: unknown[] = [];
beforeAll(async () => {
  const log = { error: (entry: unknown) => void faults.push(entry), warn: () => undefined } as never;
  const guard = createGuard({ log, faults: { inc: () => undefined } as never });
  const now = () => performance.now();
  const gate = new Gate({ allowedHosts: ['a'], allowedOrigins: [], host: HOST, isTls: false, log, now });
  const onRequest = createRequestListener({
    basePath: '/',
    frameAncestors: [],
    gate,
    guard,
    isReady: () => true,
    info: () => ({}),
    createRoom: () => ({}),
    metrics: () => Promise.resolve(''),
    metricsType: 'text/plain',
  });
  const ignored = { onDropped: () => undefined, onError: () => undefined };
  // An odd request may be the half of one: it is waited for no longer than this.
  const timeouts = { headers: 100, request: 200, keepAlive: 200, check: 20 };
  const at = { host: HOST, port: 0, tlsCert: '', tlsKey: '', maxConnections: 100 };
  listener = new Listener({ ...at, ...ignored, onRequest, timeouts });
  acceptUpgrades(listener.server, {
    path: '/ws',
    maxMessageBytes: 1_000,
    gate,
    guard,
    busy: () => undefined,
    onConnect: (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', () => socket.close(1000));
    },
    onRefused: () => undefined,
  });
  await listener.listen();
});
afterAll(() => listener.close(0));

const pick = (...texts: readonly string[]) => fc.constantFrom(...texts);
const target = fc.oneof(
  pick('/', '//', '/ws', '/embed', '/api/rooms', '/api/info', '/metrics', '/underpaint.js', '*', 'a:80', '/..//ws'),
  pick('http://', 'http://a/ws', 'ws://a/', '/%', '/%zz', '/\\', '/?x', '/#', '/healthz', 'https://a@b/', '/ws?a'),
  fc.webPath(),
);
const header = fc.oneof(
  pick(
    'Host: localhost',
    'Host: b',
    'Host: a/b',
    'Host:',
    'Host: A:80',
    'Origin: null',
    'Origin: http://a',
    'Origin: //',
  ),
  pick('Connection: Upgrade', 'Connection: close', 'Upgrade: websocket', 'Upgrade: h2c', 'Upgrade:', 'Upgrade: a, b'),
  pick('Sec-WebSocket-Version: 9', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Protocol: underpaint.v1'),
  pick('Sec-WebSocket-Protocol: ,,', 'Sec-WebSocket-Extensions: ;;', 'Content-Length: 5', 'Content-Length: -1'),
  pick('Range: bytes=9-1', 'Range: bytes=99999999-', 'If-None-Match: *', 'If-None-Match: ,"', 'Expect: 100-continue'),
  pick('Accept-Encoding: br;q=x', 'Accept-Encoding: gzip', 'Accept-Encoding: *;q=0', 'Transfer-Encoding: chunked'),
);
const upgrade = [
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];
const request = fc
  .tuple(
    fc.tuple(
      pick('GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'CONNECT', 'get'),
      target,
      pick('1.1', '1.1', '1.0', '2'),
    ),
    pick('none', 'host', 'upgrade'),
    fc.array(header, { maxLength: 5 }),
    pick('', 'hello', '5\r\nhello\r\n0\r\n\r\n', '\x82\x80aaaa', '\xff\xff'),
  )
  .map(([[method, path, version], usual, headers, body]) => {
    const first = { none: [], host: ['Host: localhost'], upgrade }[usual as 'none' | 'host' | 'upgrade'];
    return [`${method} ${path} HTTP/${version}`, ...first, ...headers, '', body].join('\r\n');
  });
const edit = fc.record({
  at: fc.nat(400),
  remove: fc.nat(3),
  insert: fc.string({ unit: 'binary-ascii', maxLength: 3 }),
});

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

it('answers or ends every odd request, and goes on serving', async () => {
  let sent = 0;
  const property = fc.asyncProperty(
    request,
    fc.array(edit, { maxLength: 3 }),
    fc.boolean(),
    async (text, edits, isHalfClosed) => {
      const characters = [...text];
      for (const { at, remove, insert } of edits) characters.splice(at % characters.length, remove, ...insert);
      await send(characters.join(''), isHalfClosed);
      if (++sent % 25 === 0) expect((await fetch(`http://${HOST}:${listener.port}/healthz`)).status).toBe(200);
      expect(faults).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: RUNS });
  await setTimeout(300);
  const connections = () => new Promise((resolve) => listener.server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections, { timeout: 5_000 }).toBe(0);
}, 600_000);
