import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { Tokenizer } from '../../server/src/pipeline/tokenizer.js';
import { writeClipTokenizer } from './clip-vocabulary.js';
import { makeModelFolder, PARITY_DIR } from './model-folder-fixture.js';

interface TokenTable {
  readonly max_length: number;
  readonly rows: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

const table = JSON.parse(await readFile(join(PARITY_DIR, 'tokenizer/clip_tokens.json'), 'utf8')) as TokenTable;

describe('CLIP, from vocab.json and merges.txt', () => {
  let dir: string;
  let clip: Tokenizer;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'underpaint-clip-'));
    await writeClipTokenizer(dir);
    clip = await Tokenizer.load(dir);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('knows its length', () => {
    expect(clip.maxLength).toBe(table.max_length);
  });

  // Ids by transformers 5.17 CLIPTokenizer: fixtures/parity/README.md.
  it.each(table.rows)('reads $text as transformers does', ({ text, ids }) => {
    expect(clip.encode(text, table.max_length)).toEqual(ids);
  });

  it('cuts a long prompt before the end-of-text token', () => {
    const ids = clip.encode('word '.repeat(500), 77);
    expect([ids.length, ids[0], ids[75], ids[76]]).toEqual([77, 49_406, 2653, 49_407]);
  });

  it('reads 100 000 characters within a second', () => {
    const started = performance.now();
    expect(clip.encode('a quick brown fox '.repeat(5600), 77)).toHaveLength(77);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('from tokenizer.json', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  const at = (file: string): string => join(folder.dir, 'tokenizer', file);

  beforeAll(async () => {
    folder = await makeModelFolder();
  });
  afterAll(() => folder.dispose());

  it('pads with the token that tokenizer_config.json names', async () => {
    await writeFile(at('tokenizer_config.json'), JSON.stringify({ eos_token: '</s>', pad_token: { content: '!' } }));
    const tokenizer = await Tokenizer.load(join(folder.dir, 'tokenizer'));
    expect(tokenizer.encode('', 5)).toEqual([0, 1, 2, 2, 2]);
  });

  it('refuses a padding token that is not in the vocabulary', async () => {
    await writeFile(at('tokenizer_config.json'), JSON.stringify({ eos_token: '</s>', pad_token: 'nowhere' }));
    await expect(Tokenizer.load(join(folder.dir, 'tokenizer'))).rejects.toThrow(/no token nowhere/);
  });

  it.each([
    ['is cut short', '{"model": {"vo', /not JSON/],
    ['describes no model', '{}', /no tokenizer that can be used/],
  ])('refuses one that %s', async (_name, text, message) => {
    await writeFile(at('tokenizer.json'), text);
    const loading = Tokenizer.load(join(folder.dir, 'tokenizer'));
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toBeInstanceOf(ModelError);
  });
});
