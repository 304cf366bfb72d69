import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeHub } from '../helpers/fake-hub.js';
import { HttpProxy } from '../helpers/http-proxy.js';

const COMMAND = fileURLToPath(new URL('../../server/bin/underpaint.js', import.meta.url));
const CERT = fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url));
const TLS = { cert: readFileSync(CERT), key: readFileSync(KEY) };
const LARGE = Buffer.alloc(50_000, 'unet');
const FILES = { 'unet/model.onnx': LARGE, 'vae_encoder/model.onnx': 'encoder', 'vae_decoder/model.onnx': 'decoder' };

let home: string;
let proxy: HttpProxy;
let hub: FakeHub | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'underpaint-proxy-'));
  proxy = await new HttpProxy().start();
});

afterEach(async () => {
  await hub?.stop();
  hub = undefined;
  await proxy.stop();
  await rm(home, { recursive: true, force: true });
});

/** The command in a process of its own that knows nothing of this one's proxies. */
async function pull(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [COMMAND, 'pull', 'tiny/model', '--json'], {
    env: {
      PATH: process.env['PATH'],
      UNDERPAINT_MODELS: home,
      NODE_EXTRA_CA_CERTS: CERT,
      HF_ENDPOINT: hub!.url,
      ...env,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

describe('a pull behind a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('reaches an https hub and its store through tunnels (%s)', async (name) => {
    hub = await new FakeHub(FILES, TLS).start();
    const { code, stderr } = await pull({ [name]: `http://${proxy.host}` });
    expect([code, stderr]).toEqual([0, '']);
    const hosts = new Set(proxy.asked);
    expect([...hosts].sort()).toEqual(hub.hosts.map((host) => `CONNECT ${host}`).sort());
  });

  it('asks the proxy itself for plain http, with the name and password in its address', async () => {
    hub = await new FakeHub(FILES).start();
    const { code, stderr } = await pull({ HTTP_PROXY: `http://ann:p%40ss@${proxy.host}` });
    expect([code, stderr]).toEqual([0, '']);
    expect(proxy.asked[0]).toMatch(new RegExp(`^GET ${hub.url}/api/models/tiny/model/revision/main`));
    expect(new Set(proxy.authorizations)).toEqual(new Set([`Basic ${Buffer.from('ann:p@ss').toString('base64')}`]));
    expect(hub.requests.length).toBe(proxy.asked.length);
  });

  it.each(['NO_PROXY', 'no_proxy'])('goes straight to the hosts of %s', async (name) => {
    hub = await new FakeHub(FILES, TLS).start();
    const { code, stderr } = await pull({ HTTPS_PROXY: `http://${proxy.host}`, [name]: 'example.org, 127.0.0.1' });
    expect([code, stderr]).toEqual([0, '']);
    expect(proxy.asked).toEqual([]);
  });

  it('takes an address without a scheme, and refuses other schemes', async () => {
    hub = await new FakeHub(FILES, TLS).start();
    expect((await pull({ HTTPS_PROXY: proxy.host })).code).toBe(0);
    const { code, stderr } = await pull({ HTTPS_PROXY: 'ftp://ann:secret@proxy' });
    const words = 'HTTPS_PROXY must be the address of an http proxy, such as http://proxy.example:3128';
    expect([code, stderr]).toEqual([2, `underpaint: ${words}\n`]);
  });

  it('names a proxy that refuses, without its password', async () => {
    hub = await new FakeHub(FILES, TLS).start();
    proxy.refuseWith = 407;
    const { code, stderr } = await pull({ HTTPS_PROXY: `http://ann:secret@${proxy.host}` });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^underpaint: \\S+ cannot be reached through the proxy ${proxy.host} \\(.*407.*\n$`),
    );
    expect(stderr).not.toContain('secret');
  });
});
