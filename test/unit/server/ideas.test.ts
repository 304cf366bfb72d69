import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ideas } from '../../../server/src/transport/ideas.js';

describe('the ideas of a model', () => {
  let dir: string;

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'ideas-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  function write(name: string, text: string): void {
    writeFileSync(join(dir, `${name}.underpaint`), text);
    writeFileSync(join(dir, `${name}.webp`), 'a picture');
  }

  const drawing = (prompt: unknown) => JSON.stringify({ format: 'underpaint', params: { prompt } });

  it('are listed in the order of their names, with their words', () => {
    write('b', drawing('a calm sea'));
    write('a', drawing('hills'));
    const ideas = new Ideas(dir);
    expect(ideas.list).toEqual([
      { name: 'a', words: 'hills' },
      { name: 'b', words: 'a calm sea' },
    ]);
    expect([ideas.has('/a.underpaint'), ideas.has('/a.webp'), ideas.has('/c.webp')]).toEqual([true, true, false]);
  });

  it('are left out without words or without a picture', () => {
    write('broken', '{');
    write('wordless', drawing(''));
    write('numbered', drawing(7));
    writeFileSync(join(dir, 'unseen.underpaint'), drawing('hills'));
    expect(new Ideas(dir).list).toEqual([]);
  });

  it('are all that the folder gives away', () => {
    writeFileSync(join(dir, 'secret.txt'), 'no');
    expect(new Ideas(dir).has('/secret.txt')).toBe(false);
  });

  it('need no folder', () => {
    expect(new Ideas(join(dir, 'none')).list).toEqual([]);
  });
});
