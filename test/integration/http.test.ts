import { readdirSync, readFileSync } from 'node:fs';
import { request as startRequest, type IncomingHttpHeaders } from 'node:http';
import { get as getTls } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { ask, RawHttp } from '../helpers/raw-http.js';
import { startServer } from '../helpers/start-server.js';

const CERT = fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url));
const device = 'fake:1ms+1ms';

let server: UnderpaintServer;
afterEach(() => server.stop());

function request(path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: 'manual' });
}

/** The answer, with its bytes as received. */
async function get(
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, headers, method };
    const sent = startRequest(options, (response) => {
      const { statusCode = 0 } = response;
      buffer(response).then((body) => resolve({ status: statusCode, headers: response.headers, body }), reject);
    });
    sent.on('error', reject).end();
  });
}

describe('a base path', () => {
  it('is in front of everything', async () => {
    server = await startServer({ device, basePath: '/paint/' });
    const paths = ['/paint/', '/paint/healthz', '/paint/api/info', '/paint/underpaint.js', '/', '/healthz'];
    const statuses = await Promise.all(paths.map(async (path) => (await request(path)).status));
    expect(statuses).toEqual([200, 200, 200, 200, 404, 404]);
  });

  it('is found without its final slash', async () => {
    server = await startServer({ device, basePath: '/paint/' });
    expect((await request('/paint')).headers.get('location')).toBe('/paint/');
  });

  it('has the socket', async () => {
    server = await startServer({ device, basePath: '/paint/' });
    const opened = (path: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, 'underpaint.v1');
        socket.on('open', () => resolve(true)).on('error', () => resolve(false));
      });
    expect([await opened('/paint/ws'), await opened('/ws')]).toEqual([true, false]);
  });
});

describe('a page', () => {
  it('may not be framed, except the one made for frames, by the allowed origins', async () => {
    server = await startServer({ device, allowedOrigins: ['https://host.example'] });
    const policy = async (path: string) => (await request(path)).headers.get('content-security-policy');
    expect(await policy('/')).toContain("frame-ancestors 'none'");
    expect(await policy('/embed')).toContain("frame-ancestors 'self' https://host.example");
  });
});

describe('a file of the page', () => {
  const script = async () => /src="\.(\/assets\/index-[^"]+)"/.exec(await (await request('/')).text())![1]!;
  const send = (path: string, ...lines: readonly string[]) =>
    ask(server.port, `GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines);

  it('may be kept forever if its name has a hash, and is otherwise checked each time', async () => {
    server = await startServer({ device });
    const cacheOf = async (path: string) => (await request(path)).headers.get('cache-control');
    expect(await cacheOf(await script())).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf('/')).toBe('no-cache');
    expect(await cacheOf('/underpaint.js')).toBe('no-cache');
  });

  it('comes in the encoding that the client likes best, and is the same in each', async () => {
    server = await startServer({ device });
    const plain = await get('/underpaint.js', { 'Accept-Encoding': 'identity' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    const cases = [
      ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
      ['gzip;q=1.0, br;q=0.5', 'gzip', gunzipSync],
      ['br;q=0, *', 'gzip', gunzipSync],
    ] as const;
    for (const [accepted, encoding, decompress] of cases) {
      const { headers, body } = await get('/underpaint.js', { 'Accept-Encoding': accepted });
      expect(headers).toMatchObject({ 'content-encoding': encoding, vary: 'Accept-Encoding' });
      expect(headers.etag).not.toBe(plain.headers.etag);
      expect(body.length).toBeLessThan(plain.body.length / 2);
      expect(Buffer.compare(decompress(body), plain.body)).toBe(0);
    }
  });

  it('is not sent again to a client that already has it', async () => {
    server = await startServer({ device });
    const { headers } = await get('/underpaint.js', {});
    const again = (tag: string) => get('/underpaint.js', { 'If-None-Match': tag });
    for (const tag of [headers.etag!, `W/${headers.etag!}`, `"other", ${headers.etag!}`, '*']) {
      expect(await again(tag)).toMatchObject({ status: 304, body: { length: 0 }, headers: { etag: headers.etag } });
    }
    expect((await again('"other"')).status).toBe(200);
  });

  it('is answered to HEAD as to GET, without a body', async () => {
    server = await startServer({ device });
    for (const accepted of ['identity', 'br']) {
      const [got, told] = [
        await get('/underpaint.js', { 'Accept-Encoding': accepted }),
        await get('/underpaint.js', { 'Accept-Encoding': accepted }, 'HEAD'),
      ];
      expect(told.body).toHaveLength(0);
      for (const name of ['content-length', 'content-encoding', 'etag', 'content-type', 'cache-control']) {
        expect(told.headers[name]).toBe(got.headers[name]);
      }
      expect(Number(got.headers['content-length'])).toBe(got.body.length);
    }
  });

  it.each(['bytes=999999999-', 'bytes=5-1', 'bytes=0-9', 'lines=1-2', 'bytes=-0'])(
    'ignores the range and is sent whole: %s',
    async (range) => {
      server = await startServer({ device });
      const { status, headers, body } = await get('/underpaint.js', { Range: range });
      expect(status).toBe(200);
      expect(headers['accept-ranges']).toBe('none');
      expect(body).toHaveLength(Number(headers['content-length']));
    },
  );

  it('that is abandoned holds nothing', async () => {
    server = await startServer({ device });
    const descriptors = () => readdirSync('/proc/self/fd').length;
    await get('/underpaint.js.map', {});
    const before = descriptors();
    for (let i = 0; i < 30; i++) {
      const connection = await RawHttp.open(server.port);
      connection.send('GET /underpaint.js.map HTTP/1.1', 'Host: localhost');
      await connection.untilAnswers(1);
      connection.socket.destroy();
    }
    await expect.poll(descriptors).toBeLessThan(before + 5);
  });

  it('may be read by any page, except the page for frames, which has a pass', async () => {
    server = await startServer({ device });
    expect((await request('/main.js')).headers.get('access-control-allow-origin')).toBe('*');
    const frame = await request('/embed');
    expect(frame.headers.get('access-control-allow-origin')).toBeNull();
    expect(frame.headers.get('cache-control')).toBe('no-store');
    expect(await frame.text()).toMatch(/<meta name="underpaint-pass" content="[\w-]+\.[\w-]{43}" \/>/);
  });

  it('may be an idea of the model, which any page may read', async () => {
    server = await startServer({ device });
    const list = (await (await request('/ideas')).json()) as { name: string }[];
    const [drawing, picture, other] = await Promise.all(
      [`${list[0]!.name}.underpaint`, `${list[0]!.name}.webp`, 'no-such.webp'].map((file) => request(`/ideas/${file}`)),
    );
    expect([drawing!.status, picture!.status, other!.status]).toEqual([200, 200, 404]);
    expect(drawing!.headers.get('content-type')).toBe('application/vnd.underpaint+json');
    expect(picture!.headers.get('content-type')).toBe('image/webp');
    expect(picture!.headers.get('content-encoding'), 'it is compressed already').toBeNull();
    expect(picture!.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('is a script for any site, and no other file is', async () => {
    server = await startServer({ device });
    expect((await request('/underpaint-rooms.js')).headers.get('access-control-allow-origin')).toBe('*');
    expect((await request('/custom-elements.json')).status).toBe(404);
    expect(await send('/assets/../underpaint.js')).toContain('200 OK');
  });
});

describe('a request', () => {
  it.each(['GET //', 'POST //', 'GET //a/healthz', 'GET http://', 'OPTIONS //'])(
    '%s is answered 400',
    async (start) => {
      server = await startServer({ device });
      expect(await ask(server.port, `${start} HTTP/1.1`, 'Host: localhost', 'Connection: close')).toContain(' 400 ');
      expect((await request('/healthz')).status).toBe(200);
    },
  );

  it('with a wrong method gets the names of the right ones', async () => {
    server = await startServer({ device });
    const allowed = async (path: string, method: string) => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
      return [response.status, response.headers.get('allow')];
    };
    expect(await allowed('/', 'PUT')).toEqual([405, 'GET, HEAD']);
    expect(await allowed('/healthz', 'POST')).toEqual([405, 'GET, HEAD']);
    expect(await allowed('/api/rooms', 'GET')).toEqual([405, 'POST, OPTIONS']);
  });

  it('to upgrade to something else than a WebSocket is answered as it is', async () => {
    server = await startServer({ device });
    const upgrade = ['Host: localhost', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AA'];
    expect(await ask(server.port, 'GET /healthz HTTP/1.1', ...upgrade)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nok$/);
    expect(await ask(server.port, 'GET /underpaint.js HTTP/1.1', ...upgrade)).toContain(' 200 OK');
    const made = await ask(server.port, 'POST /api/rooms HTTP/1.1', 'Content-Length: 0', ...upgrade);
    expect(made).toContain(' 201 Created');
    // The body is never read.
    const unread = await ask(server.port, 'POST /api/rooms HTTP/1.1', 'Content-Length: 9', ...upgrade);
    expect(unread).toContain(' 201 Created');
  });
});

describe('a host', () => {
  const status = async (path: string, host: string) => {
    const answer = await ask(server.port, `GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close');
    return Number(/ (\d+) /.exec(answer)![1]);
  };

  it('that is a name must be allowed, except for health checks', async () => {
    server = await startServer({ device });
    const paths = ['/', '/api/info', '/metrics', '/healthz', '/readyz'];
    const statuses = (host: string) => Promise.all(paths.map((path) => status(path, host)));
    expect(await statuses('rebound.example')).toEqual([403, 403, 403, 200, 200]);
    expect(await statuses('localhost:1')).toEqual([200, 200, 200, 200, 200]);
    expect(await status('/', 'a/b')).toBe(400);
  });

  it('that is allowed may be used by any browser', async () => {
    server = await startServer({ device, allowedHosts: ['paint.example'] });
    expect([await status('/', 'PAINT.example:81'), await status('/', 'paint.example.')]).toEqual([200, 200]);
  });
});

describe('a page of another origin', () => {
  const ofRooms = (method: string, origin: string) =>
    fetch(`http://127.0.0.1:${server.port}/api/rooms`, {
      method,
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
  const headersOf = ({ status, headers }: Response) => [
    status,
    headers.get('access-control-allow-origin'),
    headers.get('access-control-allow-methods'),
    headers.get('vary'),
  ];

  it('may ask whether it may make rooms, and read the answer, if it is allowed', async () => {
    server = await startServer({ device, allowedOrigins: ['https://friend.example'] });
    const friend = 'https://friend.example';
    expect(headersOf(await ofRooms('OPTIONS', friend))).toEqual([204, friend, 'POST', 'Origin']);
    expect(headersOf(await ofRooms('POST', friend))).toEqual([201, friend, null, 'Origin']);
    expect(headersOf(await ofRooms('OPTIONS', 'https://evil.example'))).toEqual([403, null, null, 'Origin']);
    expect(headersOf(await ofRooms('POST', 'https://evil.example'))).toEqual([403, null, null, 'Origin']);
  });
});

describe('a certificate', () => {
  it('makes it https', async () => {
    server = await startServer({ device, tlsCert: CERT, tlsKey: KEY });
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path: '/healthz', ca: readFileSync(CERT) };
      getTls(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
  });

  it('that is invalid gives an error of one line', async () => {
    const broken = startServer({ device, tlsCert: KEY, tlsKey: CERT });
    await expect(broken).rejects.toThrow(/the certificate .* cannot be used/);
    server = await startServer({ device });
  });
});

describe('stopping', () => {
  it('waits for no socket, in any state', async () => {
    server = await startServer({ device });
    const upgrade = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
    const open = async (...lines: readonly string[]) => {
      const connection = await RawHttp.open(server.port);
      connection.send(...lines);
      return connection;
    };
    // Sockets that never answer a close, stay after a refusal, sent half a request, and sent nothing.
    const upgraded = await open('GET /ws HTTP/1.1', ...upgrade, key);
    const refused = await open('GET /other HTTP/1.1', ...upgrade, key);
    const half = await RawHttp.open(server.port);
    half.socket.write('GET / HTTP/1.1\r\nHost: ');
    await Promise.all([upgraded.untilAnswers(1), refused.untilAnswers(1), RawHttp.open(server.port)]);
    const sinceMs = performance.now();
    await server.stop();
    expect(performance.now() - sinceMs).toBeLessThan(20_000);
    expect([upgraded.statuses, refused.statuses]).toEqual([[101], [404]]);
  });
});
