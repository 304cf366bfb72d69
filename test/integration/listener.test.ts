import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { Listener, type ListenerOptions } from '../../server/dist/transport/listener.js';
import { RawHttp } from '../helpers/raw-http.js';

const TLS = {
  tlsCert: fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url)),
  tlsKey: fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url)),
};

let listener: Listener;
let dropped = 0;
afterEach(() => listener.close(0));

async function listen(settings: Partial<ListenerOptions> = {}): Promise<void> {
  listener = new Listener({
    host: '127.0.0.1',
    port: 0,
    tlsCert: '',
    tlsKey: '',
    maxConnections: 100,
    onRequest: (_request, response) => response.end('ok'),
    onDropped: () => dropped++,
    onError: () => undefined,
    ...settings,
  });
  await listener.listen();
}

describe('a connection', () => {
  it('is kept longer than the head of a request may take, and is reused', async () => {
    await listen({ timeouts: { headers: 200, request: 300, idle: 100, keepAlive: 3_000, check: 20 } });
    const connection = await RawHttp.open(listener.port);
    for (let request = 1; request <= 2; request++) {
      connection.send('GET / HTTP/1.1', 'Host: localhost');
      await connection.untilAnswers(request);
      await setTimeout(600);
    }
    expect(connection.statuses).toEqual([200, 200]);
  });

  it('may send a few requests ahead of their answers, and is closed after more', async () => {
    let requests = 0;
    const onRequest: ListenerOptions['onRequest'] = (_request, response) => {
      requests += 1;
      response.end('ok');
    };
    await listen({ onRequest });
    const connection = await RawHttp.open(listener.port);
    const ahead = (count: number) => connection.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count));
    ahead(5);
    await connection.untilAnswers(5);
    ahead(5);
    await connection.untilAnswers(10);
    ahead(1_000);
    await connection.untilClosed();
    expect(requests).toBeLessThan(30);
  });

  it.each([
    ['that sends nothing', ''],
    ['with an unfinished head', 'GET / HTTP/1.1\r\nHost: '],
    ['with an unfinished second head', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n'],
  ])('%s is closed in time', async (_name, text) => {
    await listen({ timeouts: { headers: 200, request: 300, check: 20 } });
    const connection = await RawHttp.open(listener.port);
    const sinceMs = performance.now();
    connection.socket.write(text);
    await connection.untilClosed();
    expect(performance.now() - sinceMs).toBeLessThan(8_000);
  });

  it('whose TLS handshake does not come is closed in time', async () => {
    await listen({ ...TLS, timeouts: { tlsHandshake: 200 } });
    const connection = await RawHttp.open(listener.port);
    await connection.untilClosed();
  });

  it('beyond the limit is closed at once, and counted', async () => {
    await listen({ maxConnections: 2 });
    const before = dropped;
    const [first, , third] = [
      await RawHttp.open(listener.port),
      await RawHttp.open(listener.port),
      await RawHttp.open(listener.port),
    ];
    await third.untilClosed();
    expect(dropped - before).toBe(1);
    first.send('GET / HTTP/1.1', 'Host: localhost');
    await first.untilAnswers(1);
    // A place that is free again is used again.
    first.socket.destroy();
    await setTimeout(50);
    const fourth = await RawHttp.open(listener.port);
    fourth.send('GET / HTTP/1.1', 'Host: localhost');
    await fourth.untilAnswers(1);
  });
});

describe('a download', () => {
  const large = Buffer.alloc(32 * 1024 * 1024);

  it('that nobody reads is closed', async () => {
    await listen({ timeouts: { idle: 300 }, onRequest: (_request, response) => response.end(large) });
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'readable');
    await untilConnections(0);
  });

  it('that is read a few bytes at a time is closed', async () => {
    await listen({ timeouts: { response: 500 }, onRequest: (_request, response) => response.end(large) });
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const sip = setInterval(() => socket.read(1_000), 20);
    await untilConnections(0);
    clearInterval(sip);
  });
});

describe('closing', () => {
  it('waits for no connection, in any state', async () => {
    await listen(TLS);
    // Upgraded and never heard of again.
    listener.server.on('upgrade', (_request, socket) => socket.on('error', () => undefined));
    const silent = await RawHttp.open(listener.port);
    const upgraded = connectTls({ port: listener.port, host: '127.0.0.1', rejectUnauthorized: false });
    upgraded.on('error', () => undefined);
    await once(upgraded, 'secureConnect');
    upgraded.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(listener.server, 'upgrade');
    const sinceMs = performance.now();
    await listener.close(200);
    expect(performance.now() - sinceMs).toBeLessThan(8_000);
    await silent.untilClosed();
  });
});

async function untilConnections(count: number): Promise<void> {
  const connections = () => new Promise((resolve) => listener.server.getConnections((_error, n) => resolve(n)));
  while ((await connections()) !== count) await setTimeout(20);
}
