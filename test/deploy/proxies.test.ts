import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { decodeServerMessage, encodeMessage, SUBPROTOCOL } from '@underpaint/shared';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { hasTool, TOOLS_ENV } from '../helpers/debian-tools.js';
import { startServer } from '../helpers/start-server.js';
import { eventually, freePort, isListening, Started } from '../helpers/started.js';

/* The proxies of docs/OPERATING.md, with the text of the page and Debian's packages, in front of two gateways. */

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const PAGE = readFileSync(path('docs/OPERATING.md'), 'utf8');
const [CERT, KEY] = [path('test/fixtures/tls/cert.pem'), path('test/fixtures/tls/key.pem')];
const NAME = 'paint.example.org';

/** A snippet of the page, with the addresses of this test in place of those of the page, each of which must be there. */
function snippet(language: string, replacements: readonly (readonly [string, string])[]): string {
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(PAGE)![1]!;
  return replacements.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`${language} in docs/OPERATING.md has no ${from}`);
    return changed.replaceAll(from, to);
  }, found);
}

let dir: string;
let gateways: readonly UnderpaintServer[];
let proxy: Started | undefined;
let port: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'underpaint-proxy-'));
  const settings = { device: 'fake:1ms+1ms', allowedHosts: [NAME] };
  gateways = await Promise.all([1, 2].map(() => startServer(settings)));
});
afterEach(async () => {
  proxy?.signal('SIGTERM');
  await proxy?.ended;
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await rm(dir, { recursive: true });
});

const addresses = () => [0, 1].map((i) => [`10.0.0.${i + 2}:8080`, `127.0.0.1:${gateways[i]!.port}`] as const);

async function startNginx(): Promise<void> {
  port = await freePort();
  const site = snippet('nginx', [
    ...addresses(),
    ['listen 443', `listen 127.0.0.1:${port}`],
    ['/etc/ssl/paint.pem', CERT],
    ['/etc/ssl/paint.key', KEY],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${dir}/${kind};`)
    .join('\n');
  const config = `daemon off; pid ${dir}/pid; error_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${site}}\n`;
  await writeFile(join(dir, 'nginx.conf'), config);
  proxy = new Started('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], { env: TOOLS_ENV });
  await eventually(() => isListening(port));
}

async function startCaddy(): Promise<void> {
  port = await freePort();
  const site = snippet('caddyfile', [...addresses(), [`${NAME} {`, `https://${NAME}:${port} {\n\ttls ${CERT} ${KEY}`]]);
  await writeFile(
    join(dir, 'Caddyfile'),
    `{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n}\n${site}`,
  );
  const env = { ...TOOLS_ENV, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
  proxy = new Started('caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], { env });
  await eventually(() => isListening(port));
}

const trusting = { rejectUnauthorized: false, servername: NAME };

async function ask(path: string): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const host = `${NAME}:${port}`;
    get({ host: '127.0.0.1', port, path, headers: { host }, ...trusting }, (response) => {
      const { statusCode = 0, headers } = response;
      text(response).then((body) => resolve({ status: statusCode, headers, body }), reject);
    }).on('error', reject);
  });
}

/** A socket of our own page, through the proxy. */
function open(): Promise<WebSocket> {
  const host = `${NAME}:${port}`;
  const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, SUBPROTOCOL, {
    origin: `https://${host}`,
    headers: { host },
    ...trusting,
  });
  return new Promise((resolve, reject) => socket.on('open', () => resolve(socket)).on('error', reject));
}

const sessionsOf = async ({ port: own }: UnderpaintServer) => {
  const response = await fetch(`http://127.0.0.1:${own}/metrics`);
  return Number(/^underpaint_sessions (\d+)$/m.exec(await response.text())![1]);
};

describe.each([
  ['nginx', 'nginx-light', startNginx],
  ['caddy', 'caddy', startCaddy],
])('%s', (command, debianPackage, start) => {
  const isThere = hasTool(command, `the proxy ${command} of docs/OPERATING.md`, debianPackage);

  it.runIf(isThere)('passes on the page, hides metrics, and shares sockets between the gateways', async () => {
    await start();
    await eventually(async () => (await ask('/')).status === 200);
    const page = await ask('/');
    expect(page.body).toContain('<!doctype html>');
    expect(page.headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect([(await ask('/metrics')).status, (await ask('/api/info')).status]).toEqual([404, 404]);
    const sockets: WebSocket[] = [];
    for (let i = 0; i < 4; i++) {
      const socket = await open();
      sockets.push(socket);
      const welcomed = new Promise<Buffer>((resolve) => socket.once('message', resolve));
      socket.send(encodeMessage({ type: 'hello' }));
      expect(decodeServerMessage(await welcomed)?.type).toBe('welcome');
    }
    expect(await Promise.all(gateways.map(sessionsOf))).toEqual([2, 2]);
    for (const socket of sockets) socket.terminate();
    await eventually(async () => (await Promise.all(gateways.map(sessionsOf))).every((count) => count === 0));
  });
});
