import { Tokenizer as FastTokenizer } from '@huggingface/tokenizers';
import { join } from 'node:path';
import * as v from 'valibot';
import {
  END,
  readTokenizerConfig,
  START,
  WholeTokensSchema,
  type IdentifiedToken,
  type NamedTokens,
  type Vocabulary,
} from './added-tokens.js';
import { clipDescription } from './clip-tokenizer.js';
import { ModelError } from '../errors.js';
import { dictionary, object } from '../fields.js';
import { exists } from '../folder/graph-folders.js';
import { readJson } from '../folder/read-json.js';
import { TokenSplitter } from './token-splitter.js';
import { withOneSigma, withUnicodeSpaces } from './tokenizer-differences.js';

const VocabularySchema = dictionary(v.number('a number'));
const DescriptionSchema = v.pipe(
  object(),
  v.looseObject({
    added_tokens: v.nullish(WholeTokensSchema),
    normalizer: v.nullish(v.looseObject({})),
    pre_tokenizer: v.optional(v.unknown()),
    model: v.optional(v.looseObject({ vocab: v.optional(v.union([VocabularySchema, v.array(v.unknown())])) })),
  }),
);

interface Parts {
  readonly dir: string;
  /** Splits words, without added tokens. */
  readonly words: FastTokenizer;
  readonly maxLength: number | undefined;
  readonly named: NamedTokens;
  readonly added: readonly IdentifiedToken[];
  readonly highestId: number;
}

/** Text to the fixed number of tokens that a text encoder reads: padded, or cut before the end-of-text token. */
export class Tokenizer {
  /** The length, if the folder names one. */
  readonly maxLength: number | undefined;
  readonly dir: string;
  /** The greatest id of any text. */
  readonly highestId: number;
  readonly #words: FastTokenizer;
  readonly #written: TokenSplitter;
  readonly #normalized: TokenSplitter;
  readonly #startIds: readonly number[];
  /** The id that ends every text. */
  readonly endId: number;
  readonly #padId: number;

  private constructor({ dir, words, maxLength, named, added, highestId }: Parts) {
    this.dir = dir;
    this.maxLength = maxLength;
    this.highestId = highestId;
    this.#words = words;
    this.#written = splitterOf(
      added.filter(({ normalized }) => !normalized),
      (content) => content,
    );
    this.#normalized = splitterOf(
      added.filter(({ normalized }) => normalized),
      (content) => this.#normalize(content),
    );
    const end = named.eos_token ?? END;
    if (named.bos_token !== undefined) this.#idOf(named.bos_token);
    this.endId = this.#idOf(end);
    this.#padId = this.#idOf(named.pad_token ?? end);
    const { ids } = words.encode('');
    if (!ids.includes(this.endId)) {
      throw new ModelError(`${dir} does not end a text with ${end}: it is not the tokenizer of a CLIP text encoder`);
    }
    this.#startIds = ids.slice(0, ids.lastIndexOf(this.endId));
  }

  /**
   * Reads `tokenizer.json`, or `vocab.json` and `merges.txt` of a CLIP tokenizer, which older exports have instead.
   *
   * @throws ModelError when both are missing or are not a tokenizer
   */
  static async load(dir: string): Promise<Tokenizer> {
    const path = join(dir, 'tokenizer.json');
    const whole = (await exists(path)) ? await readJson(path, DescriptionSchema) : undefined;
    const vocab = await readVocabulary(dir, whole);
    const { maxLength, named, added } = await readTokenizerConfig(dir, { vocab, whole: whole?.added_tokens ?? [] });
    const description = whole ?? (await clipDescription(dir, { vocab, named }));
    const usual = whole ? {} : { bos_token: START, eos_token: END };
    // Words never get added ids, but the end of a text must find its own.
    const ids = new Map([...vocab, ...added.map(({ content, id }) => [content, id] as const)]);
    const highestId = [...ids.values()].reduce((highest, id) => Math.max(highest, id), 0);
    try {
      const words = new FastTokenizer(wordsAlone(description, ids), {});
      return new Tokenizer({ dir, words, maxLength, named: { ...usual, ...named }, added, highestId });
    } catch (cause) {
      if (cause instanceof ModelError) throw cause;
      throw new ModelError(`${dir} holds no tokenizer that can be used: ${String(cause)}`, { cause });
    }
  }

  /** @returns exactly `length` ids: start, text, end, then padding */
  encode(text: string, length: number): number[] {
    const ids = [...this.#startIds, ...this.#encodeText(text), this.endId];
    if (ids.length > length) return [...ids.slice(0, length - 1), this.endId];
    return [...ids, ...Array<number>(length - ids.length).fill(this.#padId)];
  }

  #encodeText(text: string): number[] {
    return this.#written.split(text).flatMap((piece) => {
      if (typeof piece === 'number') return [piece];
      return this.#normalized
        .split(this.#normalize(piece))
        .flatMap((part) => (typeof part === 'number' ? [part] : this.#encodeWords(part)));
    });
  }

  #encodeWords(text: string): number[] {
    return this.#words.encode(text, { add_special_tokens: false }).ids;
  }

  #normalize(text: string): string {
    return this.#words.normalizer?.normalize(text) ?? text;
  }

  #idOf(token: string): number {
    const id = this.#words.token_to_id(token);
    if (id !== undefined) return id;
    throw new ModelError(
      `${this.dir}: the vocabulary has no token ${token}, which its text encoder needs: take the whole folder from one model`,
    );
  }
}

function splitterOf(tokens: readonly IdentifiedToken[], sought: (content: string) => string): TokenSplitter {
  return new TokenSplitter(new Map(tokens.map((token) => [sought(token.content), token])));
}

async function readVocabulary(dir: string, whole: Description | undefined): Promise<Vocabulary> {
  const vocab = whole ? whole.model?.vocab : await readJson(join(dir, 'vocab.json'), VocabularySchema);
  if (vocab && !Array.isArray(vocab)) return new Map(Object.entries(vocab));
  throw new ModelError(
    `${dir} holds no tokenizer that can be used: tokenizer.json has no vocabulary of byte pairs, as those of CLIP have`,
  );
}

type Description = Pick<v.InferOutput<typeof DescriptionSchema>, 'normalizer' | 'pre_tokenizer' | 'model'>;

/** The same tokenizer with `vocab`, and without added tokens. */
function wordsAlone(description: Description, vocab: Vocabulary): object {
  const { normalizer, pre_tokenizer: preTokenizer, model } = description;
  return {
    ...description,
    added_tokens: [],
    normalizer: withOneSigma(normalizer),
    pre_tokenizer: withUnicodeSpaces(preTokenizer),
    model: { ...model, vocab: Object.fromEntries(vocab) },
  };
}
