import { Tokenizer as FastTokenizer } from '@huggingface/tokenizers';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ModelError } from './errors.js';
import { readJson } from './read-json.js';

const TokenSchema = v.union([v.string(), v.looseObject({ content: v.string() })]);
const ConfigSchema = v.looseObject({
  model_max_length: v.optional(v.number()),
  bos_token: v.nullish(TokenSchema),
  pad_token: v.nullish(TokenSchema),
  eos_token: v.nullish(TokenSchema),
});

/** Text to the fixed number of tokens that a text encoder reads: padded, or cut before the end-of-text token. */
export class Tokenizer {
  /** The length that the folder names, where it names one. */
  readonly maxLength: number | undefined;
  readonly dir: string;
  /** The greatest id that a text may come to. */
  readonly highestId: number;
  readonly #tokenizer: FastTokenizer;
  readonly #endId: number;
  readonly #padId: number;

  private constructor(tokenizer: FastTokenizer, config: v.InferOutput<typeof ConfigSchema>, dir: string) {
    const { model_max_length: maxLength } = config;
    // transformers writes 1e30 for "no limit".
    this.maxLength = maxLength !== undefined && maxLength < 1e6 ? maxLength : undefined;
    this.#tokenizer = tokenizer;
    this.dir = dir;
    this.highestId = [...tokenizer.get_vocab(true).values()].reduce((highest, id) => Math.max(highest, id), 0);
    const start = contentOf(config.bos_token);
    if (start !== undefined) idOf(tokenizer, start, dir);
    const end = contentOf(config.eos_token) ?? '<|endoftext|>';
    const pad = contentOf(config.pad_token) ?? end;
    this.#endId = idOf(tokenizer, end, dir);
    this.#padId = idOf(tokenizer, pad, dir);
    if (!tokenizer.encode('').ids.includes(this.#endId)) {
      throw new ModelError(`${dir} does not end a text with ${end}: it is not the tokenizer of a CLIP text encoder`);
    }
  }

  /**
   * Reads `tokenizer.json`, or `vocab.json` and `merges.txt` of a CLIP tokenizer, which older exports have instead.
   *
   * @throws ModelError when neither is there or what is there is no tokenizer
   */
  static async load(dir: string): Promise<Tokenizer> {
    const config = await readJson(join(dir, 'tokenizer_config.json'), ConfigSchema, {});
    const path = join(dir, 'tokenizer.json');
    const whole = await exists(path);
    const description = whole ? await readJson(path, v.looseObject({})) : await clipDescription(dir);
    try {
      return new Tokenizer(new FastTokenizer(description, config), config, dir);
    } catch (cause) {
      if (cause instanceof ModelError) throw cause;
      throw new ModelError(`${dir} holds no tokenizer that can be used: ${String(cause)}`, { cause });
    }
  }

  /** @returns exactly `length` ids: start, text, end, then padding */
  encode(text: string, length: number): number[] {
    const { ids } = this.#tokenizer.encode(text);
    if (ids.length > length) return [...ids.slice(0, length - 1), this.#endId];
    return [...ids, ...Array<number>(length - ids.length).fill(this.#padId)];
  }
}

function contentOf(token: v.InferOutput<typeof TokenSchema> | null | undefined): string | undefined {
  return typeof token === 'object' ? token?.content : token;
}

function idOf(tokenizer: FastTokenizer, token: string, dir: string): number {
  const id = tokenizer.token_to_id(token);
  if (id === undefined)
    throw new ModelError(
      `${dir}: the vocabulary has no token ${token}, which its text encoder needs: take the whole folder from one model`,
    );
  return id;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** CLIP's tokenizer (Radford et al. 2021) as a tokenizer.json would describe it. */
async function clipDescription(dir: string): Promise<object> {
  const vocab = await readJson(join(dir, 'vocab.json'), v.record(v.string(), v.number()));
  const merges = await readFile(join(dir, 'merges.txt'), 'utf8').catch((cause: unknown) => {
    throw new ModelError(`${dir} has neither tokenizer.json nor merges.txt`, { cause });
  });
  const special = ['<|startoftext|>', '<|endoftext|>'].map((content) => ({
    id: vocab[content],
    content,
    special: true,
  }));
  const words = "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  return {
    added_tokens: special,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      cls: ['<|startoftext|>', vocab['<|startoftext|>']],
      sep: ['<|endoftext|>', vocab['<|endoftext|>']],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: '<|endoftext|>',
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      vocab,
      merges: merges.split('\n').filter((line) => line !== '' && !line.startsWith('#version')),
    },
  };
}
