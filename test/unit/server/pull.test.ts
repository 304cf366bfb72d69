import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pull } from '../../../server/src/cli/pull.js';
import { createHubFetch } from '../../../server/src/cli/pull/hub-fetch.js';
import { createTransport } from '../../../server/src/cli/pull/proxied-fetch.js';
import { readDataNames } from '../../../server/src/cli/pull/graph-data.js';
import type { Lock } from '../../../server/src/cli/pull/lock-file.js';
import { Workplace } from '../../../server/src/cli/pull/workplace.js';
import { findModel } from '../../../server/src/config/models-folder.js';
import { commandContext } from '../../helpers/command-context.js';
import { FakeHub } from '../../helpers/fake-hub.js';

vi.setConfig({ testTimeout: 30_000 });
const SOON = { timeout: 20_000, interval: 20 };

const FILES = {
  'model_index.json': '{"_class_name":"LatentConsistencyModelPipeline"}',
  'README.md': 'not needed',
  'tokenizer/vocab.json': '{}',
  'unet/model.onnx': 'a small graph with \x0a\x08location\x12\x0fmodel.onnx_data\x12 as external data',
  'unet/model.onnx_data': Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) >> 3)),
  'unet/diffusion_pytorch_model.safetensors': 'not needed',
  'unet/other.onnx_data': 'not needed',
  'vae_encoder/model.onnx': Buffer.alloc(5_000, 'encoder'),
  'vae_decoder/model.onnx': Buffer.alloc(6_000, 'decoder'),
};
const WANTED = Object.keys(FILES).filter((path) => !/README|safetensors|other/.test(path));

let home: string;
let hub: FakeHub;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'underpaint-pull-'));
  hub = await new FakeHub(FILES).start();
});

afterEach(async () => {
  await hub.stop();
  await rm(home, { recursive: true, force: true });
});

interface Run {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stopped?: Promise<void>;
}

/** @returns what the command printed, as `--json` */
async function run({ argv = ['tiny/model'], env = {}, stopped = new Promise<void>(() => {}) }: Run = {}) {
  const lines: string[] = [];
  const context = commandContext({
    env: { UNDERPAINT_MODELS: home, HF_ENDPOINT: hub.url, ...env },
    print: (line) => lines.push(line),
    stopped,
  });
  expect(await pull([...argv, '--json'], context)).toBe(0);
  return JSON.parse(lines.join('\n')) as { dir: string; commit: string; bytes: number; downloadedBytes: number };
}

async function readTree(dir: string): Promise<Record<string, Buffer>> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(dir.length + 1), await readFile(file)] as const)),
  );
}

async function expectWhole(dir = join(home, 'tiny/model')): Promise<void> {
  const { 'underpaint-lock.json': lock, ...files } = await readTree(dir);
  expect(lock).toBeDefined();
  expect(Object.keys(files).sort()).toEqual([...WANTED].sort());
  for (const [path, bytes] of Object.entries(files)) expect(bytes.equals(hub.files.get(path)!), path).toBe(true);
}

const target = () => join(home, 'tiny/model');
const large = () => hub.requests.filter(({ host, url }) => host === 'store' && url.endsWith('onnx_data'));

describe('underpaint pull', () => {
  it('brings the needed files, checks them and writes down which commit they are of', async () => {
    const done = await run();
    await expectWhole();
    expect(done).toMatchObject({ dir: target(), commit: hub.commit });
    const lock = JSON.parse(await readFile(join(target(), 'underpaint-lock.json'), 'utf8')) as Lock;
    expect(lock).toMatchObject({ repository: 'tiny/model', revision: 'main', commit: hub.commit, variant: null });
    expect(Object.keys(lock.files)).toEqual([...WANTED].sort());
    expect(lock.files['unet/model.onnx_data']).toMatchObject({
      size: 300_000,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await readdir(join(home, 'tiny'))).toEqual(['model']);
    expect(findModel('tiny/model', { UNDERPAINT_MODELS: home })).toBe(target());
  });

  it('is done at once when the commit is there, after looking at every byte', async () => {
    await run();
    hub.requests.length = 0;
    expect((await run()).downloadedBytes).toBe(0);
    expect(hub.requests.filter(({ url }) => url.includes('/resolve/'))).toEqual([]);
    await expectWhole();
  });

  it('replaces a damaged file, and downloads only the changes of a new commit', async () => {
    await run();
    await writeFile(join(target(), 'vae_decoder/model.onnx'), 'damaged');
    expect((await run()).downloadedBytes).toBe(6_000);
    hub.commit = 'beef'.padEnd(40, '0');
    hub.files.set('vae_encoder/model.onnx', Buffer.alloc(4_000, 'new'));
    expect(await run()).toMatchObject({ commit: hub.commit, downloadedBytes: 4_000 });
    await expectWhole();
  });

  it('takes the revision asked for', async () => {
    await run({ argv: ['tiny/model@v1'] });
    await expect(run({ argv: ['tiny/model@v2'] })).rejects.toThrow(/^there is no tiny\/model@v2 at 127\.0\.0\.1/);
  });

  it('goes to the folder named with --to, but never over something that it did not bring', async () => {
    await run({ argv: ['tiny/model', '--to', join(home, 'here')] });
    await expectWhole(join(home, 'here'));
    await mkdir(join(home, 'mine'));
    await writeFile(join(home, 'mine/picture.png'), 'dear to me');
    await expect(run({ argv: ['tiny/model', '--to', join(home, 'mine')] })).rejects.toThrow('was not pulled');
    expect(await readdir(join(home, 'mine'))).toEqual(['picture.png']);
  });
});

describe('a transfer', () => {
  it('that breaks off is resumed', async () => {
    hub.manners = { truncate: { after: 100_000, times: 2 } };
    await run();
    await expectWhole();
    expect(large().map(({ range }) => range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
      expect.any(String),
    ]);
  });

  it('that an earlier pull left is resumed, and there is no model until it is complete', async () => {
    hub.manners = { truncate: { after: 2_000, times: Infinity } };
    const stop = new AbortController();
    const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
    const first = run({ stopped });
    const part = join(home, 'tiny/.model.pull/unet/model.onnx_data.part');
    // It is there before its first bytes are.
    await expect.poll(() => existsSync(part) && statSync(part).size, SOON).toBeGreaterThan(0);
    stop.abort();
    await expect(first).rejects.toThrow('stopped: the same command goes on from here');
    expect(existsSync(target())).toBe(false);
    const { size } = await stat(part);
    hub.manners = {};
    hub.requests.length = 0;
    await run();
    expect(large().map(({ range }) => range)).toEqual([`bytes=${size}-`]);
    await expectWhole();
  });

  it('starts again if the server knows no ranges, or if the part belongs to another file', async () => {
    const part = join(home, 'tiny/.model.pull/unet/model.onnx_data.part');
    await mkdir(join(part, '..'), { recursive: true });
    await writeFile(part, Buffer.alloc(1_000, 'something else'));
    hub.manners = { wholeOnly: true };
    await run();
    await rm(target(), { recursive: true });
    await mkdir(join(part, '..'), { recursive: true });
    await writeFile(part, Buffer.alloc(1_000, 'something else'));
    hub.manners = {};
    await run();
    await expectWhole();
  });

  it('with wrong bytes leaves nothing that looks like a model', async () => {
    hub.manners = { corrupt: true };
    await expect(run()).rejects.toThrow('the bytes of unet/model.onnx_data are not those that the hub lists');
    expect(existsSync(target())).toBe(false);
    expect(existsSync(join(home, 'tiny/.model.pull/unet/model.onnx_data.part'))).toBe(false);
    hub.manners = {};
    await run();
    await expectWhole();
  });

  it('of a small file is checked as well', async () => {
    const list = hub.files.get.bind(hub.files);
    hub.files.get = (path) => (path === 'tokenizer/vocab.json' ? Buffer.from('[]') : list(path));
    await expect(run()).rejects.toThrow('the bytes of tokenizer/vocab.json are not those');
  });

  it('does not begin on a disk that is too small', async () => {
    const workplace = await Workplace.open(target());
    await expect(workplace.requireRoom(1e18)).rejects.toThrow(
      /^1000000000\.0 GB are to come, .* has room for [\d.]+ GB/,
    );
    await workplace.close();
  });
});

describe('the hub', () => {
  it('is sent the token, and nobody else is', async () => {
    hub.manners = { token: 'hf_secret' };
    await run({ env: { HF_TOKEN: 'hf_secret' } });
    const tokens = (host: string) => new Set(hub.requests.filter((r) => r.host === host).map((r) => r.authorization));
    expect([...tokens('hub')]).toEqual(['Bearer hf_secret']);
    expect([...tokens('store')]).toEqual([undefined]);
  });

  it.each([
    ['401 without a token', { token: 'hf_x' }, {}, /^tiny\/model does not exist at .*, or is private: HF_TOKEN/],
    ['401 with a wrong one', { token: 'hf_x' }, { HF_TOKEN: 'hf_y' }, /does not take the token in HF_TOKEN/],
    ['403', { gated: true }, {}, /^access to tiny\/model must be asked for at http.*\/tiny\/model, then set HF_TOKEN$/],
    ['429 for too long', { busy: { times: 9, retryAfter: '3600' } }, {}, /too many requests: try again in 3600 s/],
  ])('that answers %s is told in one line', async (_, manners, env, message) => {
    hub.manners = manners;
    await expect(run({ env })).rejects.toThrow(message);
    expect(hub.requests).toHaveLength(1);
  });

  it('without the model, or that is not a hub, gives an error of one line', async () => {
    await expect(run({ argv: ['tiny/other'] })).rejects.toThrow(/^there is no tiny\/other at/);
    hub.commit = 'not a commit';
    await expect(run()).rejects.toThrow('does not answer as the hub does');
  });

  it('that is busy for a second is waited for', async () => {
    hub.manners = { busy: { times: 1, retryAfter: '1' } };
    const before = Date.now();
    await run();
    expect(Date.now() - before).toBeGreaterThanOrEqual(990);
  });

  it('that fails once is asked again, and one that is not there is told after a while', async () => {
    const options = {
      endpoint: new URL(hub.url),
      token: undefined,
      model: 'a/b',
      backoffMs: 1,
      transport: createTransport({}),
      signal: new AbortController().signal,
    };
    const hubFetch = createHubFetch(options);
    hub.manners = { broken: 2 };
    expect((await hubFetch(`${hub.url}/api/models/tiny/model/revision/main`)).status).toBe(200);
    const { url } = hub;
    await hub.stop();
    await expect(hubFetch(url)).rejects.toThrow(/cannot be reached \(ECONNREFUSED\): is there a network\?/);
    await hub.start();
  });
});

describe('the names of external data', () => {
  it('are found in the bytes of a graph wherever a chunk ends', async () => {
    const path = join(home, 'graph');
    const entry = (name: string) => {
      const length = name.length < 128 ? [name.length] : [(name.length & 0x7f) | 0x80, name.length >> 7];
      return Buffer.concat([Buffer.from('\x0a\x08location\x12'), Buffer.from(length), Buffer.from(name)]);
    };
    const long = 'w'.repeat(300);
    for (const before of [0, 65_520, 65_530, 65_536]) {
      await writeFile(
        path,
        Buffer.concat([Buffer.alloc(before), entry('a.data'), entry(long), Buffer.alloc(70_000), entry('b')]),
      );
      expect(await readDataNames(path)).toEqual(new Set(['a.data', long, 'b']));
    }
  });

  it('are those that the embedded model has', async () => {
    const graph = fileURLToPath(new URL('../../../models/landscape/unet/model.onnx', import.meta.url));
    for (const name of await readDataNames(graph)) expect(existsSync(join(graph, '..', name)), name).toBe(true);
  });
});

describe('the argument', () => {
  it.each([
    [[], 'OWNER/NAME[@REVISION] is missing'],
    [['landscape'], 'OWNER/NAME, not "landscape"'],
    [['../../etc'], 'OWNER/NAME'],
    [['a/..'], 'OWNER/NAME'],
    [['a/b/c'], 'OWNER/NAME'],
    [['a/b@-x'], 'not a revision'],
    [['a/b', '--variant', '../x'], '--variant must be a word'],
    [['a/b', '--nothing'], 'underpaint pull --help'],
  ])('%j is told in one line', async (argv, message) => {
    await expect(run({ argv })).rejects.toThrow(message);
  });

  it('as HF_ENDPOINT must be an address', async () => {
    await expect(run({ env: { HF_ENDPOINT: 'file:///etc' } })).rejects.toThrow('HF_ENDPOINT must be an address');
  });
});
