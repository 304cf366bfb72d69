import { describe, expect, it } from 'vitest';
import { habits, measure } from '../../scripts/plain-english.mjs';

function habitsIn(path: string, source: string): string[] {
  return measure(path, source).flatMap(({ found }) => found.map(({ habit }) => habit));
}

describe('the count of hard turns of phrase', () => {
  it.each(habits.map(({ name, example }) => [name, example]))('finds %s: %s', (name, example) => {
    expect(habitsIn('a.md', `A word. ${example}.`)).toContain(name);
    expect(habitsIn('a.ts', `/** ${example} */\nexport {};`)).toContain(name);
    expect(habitsIn('a.py', `"""${example}"""\n`)).toContain(name);
  });

  it.each([
    'Rejected updates change nothing.',
    'The error says what is wrong, by how much, and what to do.',
    'Open a folder to see what it holds.',
    'The owner, who has the keys, may lock the drawing.',
    'It stops when it is asked to.',
    'There is none.',
    'What is it?',
    'The client whose frame waits longest is next.',
    'Use `what is` in code.',
  ])('lets pass: %s', (sentence) => {
    expect(habitsIn('a.md', sentence)).toEqual([]);
  });

  it('reads messages with values in them, but not code', () => {
    expect(habitsIn('a.ts', 'const text = `no room: what is asked for has ${n} steps`;')).toHaveLength(1);
    expect(habitsIn('a.ts', 'const what = is.was(what, has);')).toEqual([]);
    expect(habitsIn('a.md', '```js\nwhat is(refused);\n```\n')).toEqual([]);
  });

  it('finds a phrase that runs over two lines, and gives the line of its first word', () => {
    const found = measure('a.ts', 'export {};\n// A room closes for\n// whoever has left.\n')[0]?.found;
    expect(found?.map(({ line }) => line)).toEqual([2]);
  });

  it('counts words of comments, messages and documents apart', () => {
    const counted = measure('a.ts', "// one two three\nthrow new Error('four five six seven');");
    expect(counted.map(({ kind, words }) => [kind, words])).toEqual([
      ['comments', 3],
      ['strings', 4],
    ]);
  });
});
