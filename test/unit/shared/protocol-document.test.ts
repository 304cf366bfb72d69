import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLOSE, DROP_REASONS, ERROR_CODES, FINAL_CLOSE_CODES, IMAGE_REASONS } from '@underpaint/shared';
import { describe, expect, it } from 'vitest';

const pathOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const protocol = readFileSync(pathOf('docs/PROTOCOL.md'), 'utf8');

describe('docs/PROTOCOL.md', () => {
  it('has the tables that the definitions of the messages give', async () => {
    await promisify(execFile)(process.execPath, [pathOf('docs/protocol-tables.mjs'), '--check']);
  });

  it('explains every error code and no other', () => {
    const rows = protocol.matchAll(/^\|((?: `[a-z-]+`)+) \| [^|]+ \| (?:yes|no)(?:; no)? \|$/gm);
    const codes = [...rows].flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!));
    expect(codes.sort()).toEqual([...ERROR_CODES].sort());
  });

  it('explains every close code, and says after which a client reconnects by itself', () => {
    const rows = protocol.matchAll(/^\|((?: \d{4})+) \| [^|]+ \| (yes|no) \|$/gm);
    const documented = [...rows].flatMap(([, cell, reconnects]) =>
      [...cell!.matchAll(/\d+/g)].map(([code]) => [Number(code), reconnects === 'yes'] as const),
    );
    const codes = Object.values(CLOSE).map((code) => [code, !FINAL_CLOSE_CODES.has(code)] as const);
    expect(new Map(documented)).toEqual(new Map(codes));
  });
});

describe('the server uses every word it may send:', () => {
  const folder = pathOf('server/src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('cli'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n');

  it.each([...ERROR_CODES, ...DROP_REASONS, ...IMAGE_REASONS])('%s', (word) => {
    expect(sources).toContain(`'${word}'`);
  });
});
