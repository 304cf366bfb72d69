import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../server/src/errors.js';
import { WordList } from '../../../server/src/words/word-list.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'underpaint-words-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const messages: string[] = [];
const log = {
  info: (_: object, text: string) => messages.push(text),
  error: (_: object, text: string) => messages.push(text),
};

function list(...lines: readonly string[]) {
  const file = join(dir, 'words.txt');
  writeFileSync(file, lines.join('\n'));
  return { file, words: WordList.open(file, log as never) };
}

describe('a list of words', () => {
  it.each([
    ['a green HAT', true],
    ['hat, and a coat', true],
    ['a hatch', false],
    ['chat', false],
    ['the  Old--Town at night', true],
    ['an old house in town', false],
    ['CAFÉ', true],
    ['一只红帽子', true],
    ['', false],
    ['comment', false],
  ])('%s: refused %s', (prompt, isRefused) => {
    const { words } = list('# comment', '', 'hat', 'old town', 'cafe\u0301', '帽');
    expect(words.check(prompt)).toEqual({ result: isRefused ? 'refused' : 'allowed', reason: '' });
  });

  it('allows everything when it is empty', () => {
    expect(list('', '  ', '#').words.check('anything')).toMatchObject({ result: 'allowed' });
  });

  it('is read again on demand, and kept when its file is gone', () => {
    const { file, words } = list('hat');
    writeFileSync(file, 'coat');
    words.reload();
    expect([words.check('hat').result, words.check('coat').result]).toEqual(['allowed', 'refused']);
    rmSync(file);
    words.reload();
    expect(words.check('coat').result).toBe('refused');
    expect(messages).toEqual(['reloaded the list of words', 'the list of words cannot be read; the old one stays']);
  });

  it('names a file that cannot be read', () => {
    const open = () => WordList.open(join(dir, 'none.txt'), log as never);
    expect(open).toThrow(UsageError);
    expect(open).toThrow(/--prompt-check cannot read .*none\.txt/);
  });
});
