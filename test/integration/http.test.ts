import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { startServer } from '../helpers/start-server.js';

const CERT = fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url));
const device = 'fake:1ms+1ms';

let server: UnderpaintServer;
afterEach(() => server.stop());

function request(path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: 'manual' });
}

describe('a base path', () => {
  it('is in front of everything', async () => {
    server = await startServer({ device, basePath: '/paint/' });
    const paths = ['/paint/', '/paint/healthz', '/paint/api/info', '/paint/underpaint.js', '/', '/healthz'];
    const statuses = await Promise.all(paths.map(async (path) => (await request(path)).status));
    expect(statuses).toEqual([200, 200, 200, 200, 404, 404]);
  });

  it('is found without its last slash', async () => {
    server = await startServer({ device, basePath: '/paint/' });
    expect((await request('/paint')).headers.get('location')).toBe('/paint/');
  });

  it('is where the socket is', async () => {
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
  it('may not be framed, but for the one that is made for it, by the origins that are allowed', async () => {
    server = await startServer({ device, allowedOrigins: ['https://host.example'] });
    const policy = async (path: string) => (await request(path)).headers.get('content-security-policy');
    expect(await policy('/')).toContain("frame-ancestors 'none'");
    expect(await policy('/embed')).toContain("frame-ancestors 'self' https://host.example");
  });
});

describe('a certificate', () => {
  it('makes it https', async () => {
    server = await startServer({ device, tlsCert: CERT, tlsKey: KEY });
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path: '/healthz', ca: readFileSync(CERT) };
      get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
  });

  it('that is none is told in one line', async () => {
    const broken = startServer({ device, tlsCert: KEY, tlsKey: CERT });
    await expect(broken).rejects.toThrow(/the certificate .* cannot be used/);
    server = await startServer({ device });
  });
});
