import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { unknownWords } from '../../../client/src/components/underpaint-controls/unknown-words.js';
import { Ideas } from '../../../server/src/transport/ideas.js';

const MODEL = fileURLToPath(new URL('../../../models/landscape/', import.meta.url));

describe('the ideas of the embedded model', () => {
  const { list } = new Ideas(`${MODEL}ideas`);
  const card = JSON.parse(readFileSync(`${MODEL}underpaint.json`, 'utf8')) as { vocabulary: readonly string[] };

  it('have pictures, and use no word that it does not know', () => {
    expect(list.length).toBeGreaterThanOrEqual(8);
    const unknown = list.flatMap(({ words }) => unknownWords(words, { vocabulary: card.vocabulary, prompts: [] }));
    expect(unknown).toEqual([]);
  });

  it.each(list)('$name brings a sketch and settings', ({ name }) => {
    const file = JSON.parse(readFileSync(`${MODEL}ideas/${name}.underpaint`, 'utf8')) as {
      readonly marks: readonly unknown[];
      readonly params: Readonly<Record<string, unknown>>;
    };
    expect(file.marks.length).toBeGreaterThan(3);
    expect(Object.keys(file.params).toSorted()).toEqual(['control', 'prompt', 'seed', 'steps', 'strength']);
  });
});
