import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources, root, type SourceFile } from './helpers/sources.js';

const isTest = ({ path }: SourceFile) => /\.(test|fake)\.ts$/.test(path);
const all = readSources(['shared/src', 'server/src', 'client/src', 'client/scripts', 'test']);
const sources = all.filter((file) => /^(shared|server|client)\/src\//.test(file.path) && !isTest(file));

describe('sizes', () => {
  // Style sheets and tables of texts are data.
  const isCode = ({ path }: SourceFile) => !/\.styles\.ts$|\/strings\.ts$/.test(path);
  const functions = all.flatMap((file) => file.functions).filter(({ kind }) => kind !== 'suite');
  const lines = (sized: readonly { readonly lines: number }[]) => sized.map((one) => one.lines);

  it('of files: none over 300 lines, half of them at most 90', () => {
    expect(
      all.filter((file) => isCode(file) && file.lines > 300).map(({ path, lines }) => `${path}: ${lines}`),
    ).toEqual([]);
    expect(report('file', lines(sources.filter(isCode)))).toBeLessThanOrEqual(90);
  });

  it('of functions: none over 45 lines, half of those with a name at most 6', () => {
    expect(
      functions.filter((one) => one.lines > 45).map(({ file, name, lines }) => `${file}: ${name}, ${lines}`),
    ).toEqual([]);
    const named = sources.flatMap((file) => file.functions).filter(({ kind }) => kind === 'named');
    expect(report('function with a name', lines(named))).toBeLessThanOrEqual(6);
  });

  it('of tests: half of them at most 10 lines', () => {
    expect(report('test', lines(functions.filter(({ kind }) => kind === 'test')))).toBeLessThanOrEqual(10);
  });

  it('of Python files: none over 300 lines', () => {
    const files = readdirSync(join(root, 'models'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.py') && !/\.venv|runs\//.test(file))
      .map((file) => ({ file, lines: readFileSync(join(root, 'models', file), 'utf8').split('\n').length - 1 }));
    expect(files.length).toBeGreaterThan(30);
    expect(files.filter(({ lines }) => lines > 300)).toEqual([]);
  });
});

/** Prints and returns the median. */
function report(what: string, values: readonly number[]): number {
  const middle = median(values);
  console.log(`${what}: ${values.length}, median ${middle} lines, longest ${Math.max(...values)}`);
  return middle;
}

/** The value half way through the sorted list. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
