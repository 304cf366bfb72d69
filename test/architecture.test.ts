import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, readSources, root, type SourceFile } from './helpers/sources.js';

const isTest = ({ path }: SourceFile) => /\.(test|fake)\.ts$/.test(path);
const sources = readSources(['shared/src', 'server/src', 'client/src']).filter((file) => !isTest(file));
const imports = sources.flatMap((file) => file.imports);
const importsOf = new Map(sources.map((file) => [file.path, file.imports]));

function offences(isOffence: (edge: Import) => boolean): string[] {
  return imports.filter(isOffence).map(({ from, to }) => `${from} imports ${to}`);
}

/** Files under the first place may import those under the later ones; a file belongs to the longest place that fits. */
const serverOrder = [
  'server/src/main.ts',
  'server/src/cli/',
  'server/src/server.ts',
  'server/src/stop-order.ts',
  'server/src/ports.ts',
  'server/src/api.ts',
  'server/src/parts.ts',
  'server/src/devices-options.ts',
  'server/src/canvas-options.ts',
  'server/src/worker-status.ts',
  'server/src/executor-info.ts',
  'server/src/rooms/',
  'server/src/session/',
  'server/src/engine.ts',
  'server/src/canvas/',
  'server/src/inference/sharing/',
  'server/src/turns/',
  'server/src/tracing/',
  'server/src/transport/',
  'server/src/words/',
  'server/src/config/',
  'server/src/inference/host/',
  // Has the entry of the worker process.
  'server/src/inference/link/fork/',
  'server/src/inference/worker/',
  'server/src/inference/device/',
  'server/src/inference/link/',
  'server/src/inference/',
  'server/src/broker/',
  'server/src/pipeline/',
  'server/src/',
  'shared/src/',
];

const clientOrder = [
  'client/src/app/',
  'client/src/bundle.ts',
  'client/src/jsx-types.ts',
  'client/src/react.ts',
  'client/src/react-component.ts',
  'client/src/settable.ts',
  'client/src/define.ts',
  'client/src/index.ts',
  'client/src/components/',
  'client/src/controllers/',
  'client/src/selection/',
  'client/src/kept/',
  'client/src/room/',
  'client/src/stream.ts',
  'client/src/stream/',
  'client/src/drawing/',
  'client/src/canvas.ts',
  'shared/src/',
];

function placeIn(order: readonly string[], file: string): number {
  const fitting = order.filter((place) => file.startsWith(place)).sort((a, b) => b.length - a.length);
  return fitting[0] === undefined ? -1 : order.indexOf(fitting[0]);
}

function upward(order: readonly string[]): string[] {
  return offences(({ from, to }) => placeIn(order, to) >= 0 && placeIn(order, to) < placeIn(order, from));
}

describe('imports', () => {
  it('are found', () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(imports).toContainEqual({ from: 'server/src/server.ts', to: 'server/src/engine.ts', typeOnly: false });
  });

  it('of the server point down', () => {
    expect(sources.filter(({ path }) => path.startsWith('server/') && placeIn(serverOrder, path) < 0)).toEqual([]);
    expect(upward(serverOrder)).toEqual([]);
  });

  it('of the client point down', () => {
    expect(sources.filter(({ path }) => path.startsWith('client/') && placeIn(clientOrder, path) < 0)).toEqual([]);
    expect(upward(clientOrder)).toEqual([]);
  });

  it('keep the drawing and the stream of the client apart', () => {
    const between = (a: string, b: string) =>
      offences(({ from, to }) => from.startsWith(`client/src/${a}/`) && to.startsWith(`client/src/${b}/`));
    expect([...between('drawing', 'stream'), ...between('stream', 'drawing')]).toEqual([]);
  });

  it('leave the pipeline alone', () => {
    expect(
      offences(({ from, to }) => from.includes('/pipeline/') && to.startsWith('server/') && !to.includes('/pipeline/')),
    ).toEqual([]);
  });

  it('keep the three processes of inference apart', () => {
    const worker = /\/inference\/(worker|device)\//;
    expect(offences(({ from, to }) => worker.test(from) && to.includes('/inference/host/'))).toEqual([]);
    expect(offences(({ from, to }) => from.includes('/inference/host/') && to.includes('/inference/worker/'))).toEqual(
      [],
    );
  });

  it('load neither the model runtime nor the picture library into the socket process', () => {
    const reached = reach('server/src/server.ts');
    expect([...reached].filter((file) => ['onnxruntime-node', 'sharp'].includes(file))).toEqual([]);
  });

  it('do not cross between client and server', () => {
    expect(offences(({ from, to }) => from.startsWith('client/') && to.startsWith('server/'))).toEqual([]);
    expect(offences(({ from, to }) => from.startsWith('server/') && to.startsWith('client/'))).toEqual([]);
    expect(offences(({ from, to }) => from.startsWith('shared/') && /^(server|client)\//.test(to))).toEqual([]);
  });

  it('have no cycles, type imports included', () => {
    expect(sources.map(({ path }) => path).filter((path) => reach(path, { types: true }).has(path))).toEqual([]);
  });
});

describe('libraries', () => {
  it.each([
    ['sharp', ['server/src/inference/worker/image.ts']],
    ['onnxruntime-node', ['server/src/pipeline/graphs/ort.ts']],
    ['jose', ['server/src/access/jwt.ts']],
    ['pino', ['server/src/logger.ts']],
    ['prom-client', ['server/src/metrics.ts']],
    ['@nats-io/transport-node', ['server/src/broker/nats.ts']],
    ['@nats-io/jetstream', ['server/src/broker/nats-bucket.ts']],
    ['@opentelemetry/api', ['server/src/tracing/open-telemetry.ts']],
    ['@opentelemetry/resources', ['server/src/tracing/open-telemetry.ts']],
    ['@opentelemetry/sdk-trace-base', ['server/src/tracing/open-telemetry.ts']],
    ['@opentelemetry/exporter-trace-otlp-http', ['server/src/tracing/open-telemetry.ts']],
    ['@nats-io/kv', ['server/src/broker/nats-bucket.ts']],
    ['tinyqueue', ['server/src/turns/batcher.ts']],
    ['@huggingface/hub', ['server/src/cli/pull/hub.ts']],
    ['@huggingface/tokenizers', ['server/src/pipeline/tokenizer/tokenizer.ts']],
    ['undici', ['server/src/cli/pull/proxied-fetch.ts']],
    ['cli-progress', ['server/src/cli/progress.ts']],
    ['qr', ['client/src/components/qr-path.ts']],
    ['y-protocols/awareness', ['client/src/room/presence.ts']],
  ])('%s is imported in one file', (library, allowed) => {
    const users = imports.filter(({ to }) => to === library).map(({ from }) => from);
    expect([...new Set(users)]).toEqual(allowed);
  });

  it('ws has one value import in the service', () => {
    const service = imports.filter(({ from }) => !from.startsWith('server/src/cli/bench/'));
    const users = service.filter(({ to, typeOnly }) => to === 'ws' && !typeOnly).map(({ from }) => from);
    expect(users).toEqual(['server/src/transport/ws/upgrades.ts']);
  });

  it('yjs stays in the folder of drawings', () => {
    const service = imports.filter(({ from }) => from.startsWith('server/src/') && !from.includes('/cli/bench/'));
    const users = service.filter(({ to }) => to === 'yjs').map(({ from }) => from);
    expect(users.filter((file) => !file.startsWith('server/src/rooms/drawing/'))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const paths = readMap();

  it('names files and folders that exist', () => {
    expect(paths.length).toBeGreaterThan(100);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(['server/src', 'client/src', 'models/train/underpaint_train'])('names every folder of %s', (folder) => {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory() && !/^(__pycache__|underpaint-\w+)$/.test(entry.name))
      .map((entry) => `${relative(root, join(entry.parentPath, entry.name))}/`);
    expect(folders.length).toBeGreaterThan(4);
    expect(folders.filter((one) => !paths.includes(one))).toEqual([]);
  });

  it('names every file in the folders that a frame passes', () => {
    const passed = [
      'shared/src',
      'server/src',
      'server/src/transport',
      'server/src/transport/ws',
      'server/src/transport/relay',
      'server/src/session',
      'server/src/rooms',
      'server/src/rooms/drawing',
      'server/src/canvas',
      'server/src/turns',
      'server/src/inference',
      'server/src/inference/host',
      'server/src/inference/link',
      'server/src/inference/link/fork',
      'server/src/inference/link/nats',
      'server/src/inference/host/remote',
      'server/src/inference/sharing',
      'server/src/broker',
      'server/src/inference/worker',
      'server/src/inference/device',
    ];
    const files = passed
      .flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file)))
      .filter((file) => !file.endsWith('/index.ts'));
    expect(files.filter((file) => file.endsWith('.ts') && !paths.includes(file))).toEqual([]);
  });
});

/** Files and folders in back quotes, from the root; those without a folder belong to that of their heading or list item. */
function readMap(): string[] {
  const paths: string[] = [];
  let section = '';
  let folder = '';
  for (const line of readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n')) {
    // A line that goes on with a list item stays in its folder.
    if (!/^\s/.test(line)) folder = section;
    for (const [, path] of line.matchAll(/`([\w.-]+(?:\/[\w.-]+)*(?:\/|\.ts|\.md))`/g)) {
      const full =
        [join(folder, path!), join(section, path!), path!].find((one) => existsSync(join(root, one))) ?? path!;
      paths.push(full);
      if (full.endsWith('/')) folder = full;
    }
    if (line.startsWith('#')) section = folder;
  }
  return paths;
}

/** Everything that loading `file` loads; with `types`, also the files that only its types come from. */
function reach(file: string, { types = false, seen = new Set<string>() } = {}): Set<string> {
  for (const { to, typeOnly } of importsOf.get(file) ?? []) {
    if ((typeOnly && !types) || seen.has(to)) continue;
    seen.add(to);
    reach(to, { types, seen });
  }
  return seen;
}
