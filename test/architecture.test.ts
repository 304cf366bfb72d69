import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every import of our sources, type-only ones included; relative ones as paths from the root. */
function readImports(): Import[] {
  const files = ['shared/src', 'server/src', 'client/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return sources.flatMap((from) => {
    const text = readFileSync(join(root, from), 'utf8');
    const found = text.matchAll(
      /(?:^|\n)(?:import|export)(\s+type)?\s[^'"`;]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import '([^']+)'/g,
    );
    return [...found].map(([, typeOnly, named, dynamic, bare]) => {
      const target = named ?? dynamic ?? bare!;
      const to = target.startsWith('.')
        ? relative(root, join(root, dirname(from), target.replace(/\.js$/, '.ts')))
        : target;
      return { from, to, typeOnly: typeOnly !== undefined };
    });
  });
}

const imports = readImports();

function offences(isOffence: (edge: Import) => boolean): string[] {
  return imports.filter(isOffence).map(({ from, to }) => `${from} imports ${to}`);
}

describe('the structure', () => {
  it('finds the imports at all', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it.each([
    ['msgpackr', ['shared/src/codec.ts']],
    ['sharp', ['server/src/inference/worker/image.ts']],
    ['onnxruntime-node', ['server/src/pipeline/graphs/ort.ts']],
    ['pino', ['server/src/logger.ts']],
    ['prom-client', ['server/src/metrics.ts']],
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

  it('the shared drawing is known to one file of the service', () => {
    const service = imports.filter(({ from }) => from.startsWith('server/src/') && !from.includes('/cli/bench/'));
    expect(service.filter(({ to }) => to === 'yjs').map(({ from }) => from)).toEqual([
      'server/src/rooms/drawing/drawing.ts',
    ]);
  });

  it('the pipeline stands alone', () => {
    expect(
      offences(({ from, to }) => from.includes('/pipeline/') && to.startsWith('server/') && !to.includes('/pipeline/')),
    ).toEqual([]);
  });

  it('the process that moves bytes loads neither the model runtime nor the picture library', () => {
    const reached = reach('server/src/server.ts');
    expect([...reached].filter((file) => ['onnxruntime-node', 'sharp'].includes(file))).toEqual([]);
  });

  it('gateway, worker and device know each other by their messages only', () => {
    const rooms = ['host', 'worker', 'device'].map((room) => `server/src/inference/${room}/`);
    const roomOf = (file: string) => rooms.findIndex((room) => file.startsWith(room));
    const between = ({ from, to }: Import) => roomOf(from) >= 0 && roomOf(to) >= 0 && roomOf(from) !== roomOf(to);
    // A fake device runs the real row loop in the gateway.
    expect(offences((edge) => between(edge) && !edge.from.includes('/host/fake/'))).toEqual([]);
  });

  it('a link is known in one file of the gateway, and nothing below it knows how workers are reached', () => {
    const isFork = (file: string) => file.startsWith('server/src/inference/link/fork/');
    const users = imports.filter(({ from, to }) => isFork(to) && !isFork(from)).map(({ from }) => from);
    expect(users).toEqual(['server/src/inference/host/devices.ts']);
    const service = imports.filter(({ from }) => !from.startsWith('server/src/cli/bench/'));
    expect(service.filter(({ to }) => to === 'node:child_process').map(({ from }) => from)).toEqual([
      'server/src/inference/link/fork/fork-link.ts',
    ]);
  });

  it('the client does not import the server, nor shared either of them', () => {
    expect(offences(({ from, to }) => from.startsWith('client/') && to.startsWith('server/'))).toEqual([]);
    expect(offences(({ from, to }) => from.startsWith('shared/') && /^(server|client)\//.test(to))).toEqual([]);
  });

  it('layers of the client point down only', () => {
    const order = [
      'client/src/stream/',
      'client/src/room/',
      'client/src/controllers/',
      'client/src/components/',
      'client/src/app/',
    ];
    const level = (file: string) => order.findIndex((folder) => file.startsWith(folder));
    expect(offences(({ from, to }) => level(from) >= 0 && level(to) > level(from))).toEqual([]);
  });

  it('has no cycles, type imports included', () => {
    const files = [...new Set(imports.map(({ from }) => from))];
    expect(files.filter((file) => reach(file, { types: true }).has(file))).toEqual([]);
  });
});

/** Everything that loading `file` loads; with `types`, also what only its types come from. */
function reach(file: string, { types = false, seen = new Set<string>() } = {}): Set<string> {
  for (const { from, to, typeOnly } of imports) {
    if (from !== file || (typeOnly && !types) || seen.has(to)) continue;
    seen.add(to);
    reach(to, { types, seen });
  }
  return seen;
}
