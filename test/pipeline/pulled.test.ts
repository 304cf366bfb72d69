import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandContext } from '../helpers/command-context.js';
import { infer } from '../../server/src/cli/infer.js';
import { inspect } from '../../server/src/cli/inspect.js';
import { pull } from '../../server/src/cli/pull.js';
import { FakeHub } from '../helpers/fake-hub.js';
import { makeModelFolder } from './model-folder-fixture.js';

async function filesOf(dir: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [relative(dir, path), await readFile(path)] as const)),
  );
}

describe('a model from the hub', () => {
  it('is inspected and painted with by its name', async () => {
    const folder = await makeModelFolder();
    const hub = await new FakeHub(await filesOf(folder.dir)).start();
    const home = await mkdtemp(join(tmpdir(), 'underpaint-pulled-'));
    const lines: string[] = [];
    const env = { UNDERPAINT_MODELS: home, HF_ENDPOINT: hub.url };
    const context = commandContext({ env, print: (line) => lines.push(line) });
    expect(await pull(['tiny/model'], context)).toBe(0);
    expect(lines.at(-1)).toMatch(/tiny\/model: \d+ files, [\d.]+ MB, commit c0ffee000000; [\d.]+ MB downloaded$/);
    expect(await inspect(['tiny/model', '--json'], context)).toBe(0);
    const output = join(home, 'out.jpg');
    expect(await infer(['--model', 'tiny/model', '--prompt', 'a lake', '--output', output], context)).toBe(0);
    expect((await readFile(output)).length).toBeGreaterThan(500);
    await expect(infer(['--model', 'tiny/other', '--output', output], context)).rejects.toThrow(
      'underpaint pull tiny/other',
    );
    await hub.stop();
    await Promise.all([folder.dispose(), rm(home, { recursive: true })]);
  });
});
