import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { clipDescription } from '../../server/src/pipeline/tokenizer/clip-tokenizer.js';
import { Tokenizer } from '../../server/src/pipeline/tokenizer/tokenizer.js';
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

interface Layouts {
  readonly length: number;
  readonly cases: readonly {
    readonly layout: string;
    readonly files: Readonly<Record<string, object>>;
    readonly padId: number;
    readonly rows: TokenTable['rows'];
  }[];
}

const layouts = JSON.parse(await readFile(join(PARITY_DIR, 'tokenizer/layouts.json'), 'utf8')) as Layouts;

describe('a tokenizer folder gives the ids of transformers:', () => {
  let work: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'underpaint-layouts-'));
    await writeClipTokenizer(join(work, 'clip'));
    await rm(join(work, 'clip/tokenizer_config.json'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  /** CLIP's words in one file, with these added tokens. */
  async function wholeWith(added: object): Promise<object> {
    const vocab = JSON.parse(await readFile(join(work, 'clip/vocab.json'), 'utf8')) as Record<string, number>;
    const entries = new Map(Object.entries(vocab));
    return { ...(await clipDescription(join(work, 'clip'), { vocab: entries, named: {} })), added_tokens: added };
  }

  async function folderOf(files: Readonly<Record<string, object>>): Promise<string> {
    const dir = await mkdtemp(join(work, 'layout-'));
    const { 'tokenizer.json': added, ...small } = files;
    if (added) await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(await wholeWith(added)));
    else await cp(join(work, 'clip'), dir, { recursive: true });
    for (const [name, content] of Object.entries(small)) await writeFile(join(dir, name), JSON.stringify(content));
    return dir;
  }

  it.each(layouts.cases)('$layout', async ({ files, padId, rows }) => {
    const tokenizer = await Tokenizer.load(await folderOf(files));
    const { length } = layouts;
    const wanted = rows.map(({ text, ids }) => [text, [...ids, ...Array<number>(length - ids.length).fill(padId)]]);
    expect(rows.map(({ text }) => [text, tokenizer.encode(text, length)])).toEqual(wanted);
  });

  it('knows as many ids as the text encoder needs', async () => {
    const plain = await Tokenizer.load(await folderOf({}));
    const more = await Tokenizer.load(await folderOf({ 'added_tokens.json': { '<a>': 49_408, '<b>': 49_409 } }));
    expect([plain.highestId, more.highestId]).toEqual([49_407, 49_409]);
  });

  it('ignores a special token that has no id anywhere', async () => {
    const config = { 'tokenizer_config.json': { mask_token: '[MASK]', pad_token: null } };
    const tokenizer = await Tokenizer.load(await folderOf(config));
    expect([tokenizer.highestId, tokenizer.encode('', 3)]).toEqual([49_407, [49_406, 49_407, 49_407]]);
  });

  it('cuts 100 000 characters full of added tokens within a second', async () => {
    const added = { '<a>': { content: '<a>', lstrip: true, rstrip: true, single_word: true } };
    const tokenizer = await Tokenizer.load(
      await folderOf({ 'tokenizer_config.json': { added_tokens_decoder: { 49_408: added['<a>'] } } }),
    );
    const started = performance.now();
    expect(tokenizer.encode(`<a>${' '.repeat(20)}`.repeat(4_300), 77).slice(0, 3)).toEqual([49_406, 49_408, 49_408]);
    expect(tokenizer.encode(' '.repeat(100_000), 77)[1]).toBe(49_407);
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
