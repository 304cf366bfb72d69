import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/* What PROTOCOL.md promises is sent, and what the types allow is documented. */

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const SERVER = fileURLToPath(new URL('../../../server/src', import.meta.url));
const sources = readdirSync(SERVER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('cli'))
  .map((name) => readFileSync(`${SERVER}/${name}`, 'utf8'))
  .join('\n');

/** The quoted words of a union type. */
function union(name: string): string[] {
  const [, body] = new RegExp(`export type ${name} =([^;]*);`).exec(read('shared/src/protocol.ts'))!;
  return [...body!.matchAll(/'([^']+)'/g)].map(([, word]) => word!).sort();
}

/** The words in backquotes of the first column of a table, or of all columns of a line. */
function words(line: RegExp): string[] {
  const lines = read('docs/PROTOCOL.md')
    .split('\n')
    .filter((one) => line.test(one));
  const cells = lines.map((one) => line.exec(one)![1]!);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)).sort();
}

describe.each([
  ['ErrorCode', words(/^\|((?: `[a-z-]+`)+) \| [^|]+ \| (?:yes|no)(?:; no)? \|$/)],
  ['DropReason', words(/^\| `dropped` \| `seq` `reason` \(([^)]*)\)/)],
  ['ImageReason', words(/^\| `image` .*`reason` \((`frame`[^)]*)\)/)],
])('%s', (name, documented) => {
  it('is documented as it is', () => {
    expect(union(name)).toEqual(documented);
  });

  it('has no word that the server never says', () => {
    expect(documented.filter((word) => !sources.includes(`'${word}'`))).toEqual([]);
  });
});
