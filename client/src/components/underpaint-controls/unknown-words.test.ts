import { describe, expect, it } from 'vitest';
import { unknownWords } from './unknown-words.js';

const KNOWN = { vocabulary: ['a', 'it', 'lake', 'lighthouse', 'Café'], prompts: ['northern lights over mountains'] };

describe('the unknown words of a prompt', () => {
  it.each([
    ['', []],
    ['a lake, a lighthouse', []],
    ['A LAKE over MOUNTAINS', []],
    ['a Dragon and a dragon by the lake', ['dragon', 'and', 'by', 'the']],
    ["it's a lake; don't", ["don't"]],
    ['cafe\u0301, 8 lakes!', ['lakes']],
    ['湖, a lake', ['湖']],
  ])('of %j are %j', (prompt, unknown) => {
    expect(unknownWords(prompt, KNOWN)).toEqual(unknown);
  });

  it('leave out a last word that may become a known one', () => {
    expect(unknownWords('a ligh', KNOWN)).toEqual([]);
    expect(unknownWords('a ligh ', KNOWN)).toEqual(['ligh']);
    expect(unknownWords('ligh ligho', KNOWN)).toEqual(['ligh', 'ligho']);
  });
});
