import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool, TOOLS_ENV } from '../helpers/debian-tools.js';
import { DEPLOY, deployFile, documentsOf, valuesOf, yamlFiles, type Tree } from '../helpers/deploy-files.js';

/* The files in `deploy`, looked at by the tools that they are for. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let dir: string;
beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'underpaint-deploy-'))));
afterAll(() => rm(dir, { recursive: true }));

/** What a tool says; rejects if it is not content. */
async function ask(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(command, args, {
    env: { ...TOOLS_ENV, POD_NAME: 'nats-0', NATS_PASSWORD: 's' },
  });
  return stdout + stderr;
}

describe.runIf(hasTool('promtool', 'alerts and their tests', 'prometheus'))('promtool', () => {
  it.each([
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
    ['check', 'config', 'prometheus.yml'],
  ])('%s %s %s', async (verb, what, file) => {
    expect(await ask('promtool', verb, what, join(DEPLOY, 'prometheus', file))).toContain('SUCCESS');
  });
});

describe.runIf(hasTool('systemd-analyze', 'units', 'systemd'))('systemd-analyze', () => {
  it.each(['underpaint', 'underpaint-worker'])('verifies %s.service', async (unit) => {
    const file = join(dir, `${unit}.service`);
    // It looks whether the program is there.
    const here = deployFile(`systemd/${unit}.service`)
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('/opt/underpaint/', ROOT);
    await writeFile(file, here);
    expect(await ask('systemd-analyze', 'verify', file)).toBe('');
  });
});

describe.runIf(hasTool('nats-server', 'the configuration of NATS'))('nats-server', () => {
  it('can use the configuration in Kubernetes', async () => {
    const [config] = documentsOf('kubernetes/nats.yaml');
    const file = join(dir, 'nats.conf');
    await writeFile(file, config!['data']!['nats.conf']!);
    expect(await ask('nats-server', '-t', '-c', file)).toContain('is valid');
  });
});

/** Models of Kubernetes, which know the schema. They are large, so they are installed for this test only. */
const MODELS = 'kubernetes-models@5.1.0';

interface Model {
  validate(): void;
}

describe('the schema of Kubernetes', () => {
  beforeAll(
    () => run('npm', ['install', '--silent', '--no-audit', '--ignore-scripts', '--prefix', dir, MODELS]),
    300_000,
  );

  const modelOf = async ({ apiVersion, kind }: Tree): Promise<new (manifest: Tree) => Model> => {
    const file = join(dir, 'node_modules/kubernetes-models', String(apiVersion), `${String(kind)}.js`);
    return ((await import(pathToFileURL(file).href)) as Record<string, new (manifest: Tree) => Model>)[String(kind)]!;
  };
  const manifests = yamlFiles('kubernetes')
    .filter((file) => !/kustomization|prometheus-adapter/.test(file))
    .flatMap((file) =>
      documentsOf(file).map((manifest) => [basename(file), String(manifest['kind']), manifest] as const),
    );

  it.each(manifests)('allows %s: %s', async (_file, _kind, manifest) => {
    const Model = await modelOf(manifest);
    expect(() => new Model(manifest).validate()).not.toThrow();
    expect(() =>
      new Model({ ...(manifest as object), spec: 'none', data: 1, metadata: 2 } as never).validate(),
    ).toThrow();
  });

  it('and the list of resources is complete', () => {
    const listed = [...valuesOf(documentsOf('kubernetes/kustomization.yaml'), 'resources')[0]!];
    expect(listed.sort()).toEqual([...new Set(manifests.map(([file]) => file))].sort());
  });
});
