import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

/** The single-file bundle, and the file that it loads for rooms. */
const MAX_BYTES = { 'underpaint.js': 56 * 1024, 'underpaint-rooms.js': 44 * 1024 } as const;
const CLIENT = fileURLToPath(new URL('../../client/', import.meta.url));

/** The used parts of a custom elements manifest (schema 1.0.0). */
interface Manifest {
  readonly modules: readonly { readonly declarations: readonly Declaration[] }[];
}
interface Declaration {
  readonly tagName?: string;
  readonly description?: string;
  readonly members?: readonly Member[];
  readonly events?: readonly Member[];
}
interface Member {
  readonly name: string;
  readonly privacy?: string;
  readonly description?: string;
}

describe('the package', () => {
  it('can be published: all exports and their types exist', async () => {
    await promisify(execFile)('npm', ['run', 'check:package'], { cwd: CLIENT });
  });

  it.each(Object.entries(MAX_BYTES))('has %s in at most %i bytes gzipped', (file, maxBytes) => {
    const size = gzipSync(readFileSync(`${CLIENT}dist/${file}`), { level: 9 }).length;
    console.info(`${file}: ${(size / 1024).toFixed(1)} KB gzipped`);
    expect(size).toBeLessThanOrEqual(maxBytes);
  });

  it.each(['shared', 'client', 'server'])(
    'of %s has no build info, and source maps that carry their sources',
    async (name) => {
      const cwd = join(CLIENT, '..', name);
      const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd });
      const [{ files }] = JSON.parse(stdout) as [{ files: readonly { readonly path: string }[] }];
      const paths = files.map(({ path }) => path);
      expect(paths.filter((path) => path.includes('tsbuildinfo'))).toEqual([]);
      const maps = paths.filter((path) => path.endsWith('.js.map'));
      const empty = maps.filter((path) => !hasSources(join(cwd, path)));
      expect([maps.length > 10, empty]).toEqual([true, []]);
    },
  );

  it.each(['shared', 'client'])('of %s needs no native code in a browser', (name) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(CLIENT, '..', name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    expect(Object.keys(dependencies).filter((dependency) => dependency.startsWith('msgpackr'))).toEqual([]);
  });

  it('marks the React components as code for the browser', () => {
    expect(readFileSync(`${CLIENT}dist/esm/react.js`, 'utf8')).toMatch(/^'use client';\n/);
  });

  it('describes all elements, public members and events in the manifest', () => {
    const manifest = JSON.parse(readFileSync(`${CLIENT}dist/custom-elements.json`, 'utf8')) as Manifest;
    const elements = manifest.modules.flatMap(({ declarations }) => declarations).filter(({ tagName }) => tagName);
    expect(elements.map(({ tagName }) => tagName)).toContain('underpaint-studio');
    const silent = elements.flatMap(({ tagName, description, members = [], events = [] }) => [
      ...(description ? [] : [tagName]),
      ...[...members.filter(({ privacy }) => privacy !== 'private' && privacy !== 'protected'), ...events]
        .filter((member) => !member.description)
        .map(({ name }) => `${tagName} ${name}`),
    ]);
    expect(silent).toEqual([]);
  });
});

/** A file that an earlier build left behind has no source. */
function hasSources(file: string): boolean {
  const { sources, sourcesContent } = JSON.parse(readFileSync(file, 'utf8')) as {
    sources: readonly string[];
    sourcesContent?: readonly unknown[];
  };
  if (!sources.every((source) => existsSync(join(file, '..', source)))) return true;
  return sourcesContent?.length === sources.length && sourcesContent.every((content) => typeof content === 'string');
}
