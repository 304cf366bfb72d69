import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

/** What a page with the bundle loads first, and the files that it loads for rooms and for tools that are used now and then. */
const MAX_BYTES = {
  'underpaint.js': 56 * 1024,
  'underpaint-rooms.js': 46 * 1024,
  'underpaint-hands.js': 16 * 1024,
} as const;
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
    const own = readFileSync(`${CLIENT}dist/${file}`);
    // The others import from the bundle, which the page has already.
    const parts = file === 'underpaint.js' ? [own, ...importedBy(own.toString())] : [own];
    const size = parts.reduce((sum, part) => sum + gzipSync(part, { level: 9 }).length, 0);
    console.info(`${file}: ${(size / 1024).toFixed(1)} KB gzipped`);
    expect(size).toBeLessThanOrEqual(maxBytes);
  });

  it('has a page whose first load is at most 56 KB gzipped, and 170 KB with everything that it ever loads', () => {
    const app = `${CLIENT}dist/app/`;
    const page = readFileSync(`${app}index.html`, 'utf8');
    const first = ['index.html', ...[...page.matchAll(/"\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, file]) => file!)];
    const languages = /\/(de|es|fr|ja|zh)-/;
    const all = readdirSync(`${app}assets`).map((file) => `assets/${file}`);
    // A person needs one language; the longest counts.
    const used = all.filter((file) => !languages.test(file)).concat(all.filter((file) => file.includes('/ja-')));
    const sizeOf = (files: readonly string[]) =>
      files.reduce((sum, file) => sum + gzipSync(readFileSync(app + file), { level: 9 }).length, 0);
    console.info(`first load: ${sizeOf(first)} bytes gzipped; in all: ${sizeOf(['index.html', ...used])}`);
    expect(first.length).toBeGreaterThan(4);
    expect(sizeOf(first)).toBeLessThanOrEqual(56 * 1024);
    expect(sizeOf(['index.html', ...used])).toBeLessThanOrEqual(170 * 1024);
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

/** The files that a file of the bundle loads at once. */
function importedBy(code: string): Buffer[] {
  const names = [...code.matchAll(/\bfrom\s*["'`]\.\/([\w.-]+)["'`]|\bimport\s*["'`]\.\/([\w.-]+)["'`]/g)];
  return [...new Set(names.map(([, from, bare]) => from ?? bare!))].map((name) =>
    readFileSync(`${CLIENT}dist/${name}`),
  );
}
