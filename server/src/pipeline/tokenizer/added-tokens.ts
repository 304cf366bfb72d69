import { join } from 'node:path';
import * as v from 'valibot';
import { dictionary, record } from '../fields.js';
import { readJson } from '../folder/read-json.js';

/*
 * Tokens that a tokenizer finds in the text before it splits words: start, end and padding, and words that were learned
 * later (textual inversion). Folders name them in up to four files. Which file counts and which text a
 * token matches follow transformers 5.
 */

const TokenSchema = v.union(
  [
    v.string(),
    v.looseObject({
      content: v.string(),
      lstrip: v.optional(v.boolean()),
      rstrip: v.optional(v.boolean()),
      single_word: v.optional(v.boolean()),
      normalized: v.nullish(v.boolean()),
      special: v.optional(v.boolean()),
    }),
  ],
  'a token',
);
type TokenEntry = v.InferOutput<typeof TokenSchema>;

const NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;
type TokenName = (typeof NAMES)[number];

const OptionalToken = v.nullish(TokenSchema);
const ExtraTokens = v.nullish(v.union([v.array(TokenSchema), dictionary(TokenSchema)], 'a list of tokens'));
const namedTokens = {
  bos_token: OptionalToken,
  eos_token: OptionalToken,
  unk_token: OptionalToken,
  sep_token: OptionalToken,
  pad_token: OptionalToken,
  cls_token: OptionalToken,
  mask_token: OptionalToken,
  additional_special_tokens: ExtraTokens,
  extra_special_tokens: ExtraTokens,
};
const MapSchema = record(namedTokens);
const ConfigSchema = record({
  ...namedTokens,
  model_max_length: v.nullish(v.number('a number')),
  added_tokens_decoder: v.nullish(dictionary(TokenSchema)),
});

export const START = '<|startoftext|>';
export const END = '<|endoftext|>';

/** How one token is found in a text. */
export interface AddedToken {
  readonly content: string;
  /** Whether spaces before it, or after it, belong to it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Whether no letter or digit may touch it. */
  readonly singleWord: boolean;
  /** Whether it matches the text in lower case, rather than as written. */
  readonly normalized: boolean;
}

export interface IdentifiedToken extends AddedToken {
  readonly id: number;
}

/** The contents of the special tokens that a folder names. */
export type NamedTokens = Readonly<Partial<Record<TokenName, string>>>;

export interface TokenizerConfig {
  /** The length, if the folder names one. */
  readonly maxLength: number | undefined;
  readonly named: NamedTokens;
  readonly added: readonly IdentifiedToken[];
}

/** The part of a `tokenizer.json` that names added tokens. */
export const WholeTokensSchema = v.array(
  v.intersect([v.looseObject({ id: v.number(), content: v.string() }), TokenSchema]),
);
type WholeTokens = v.InferOutput<typeof WholeTokensSchema>;

export type Vocabulary = ReadonlyMap<string, number>;

export interface KnownTokens {
  readonly vocab: Vocabulary;
  /** The added tokens of `tokenizer.json`, if there is one. */
  readonly whole: WholeTokens;
}

/**
 * Reads `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`; all of them are optional.
 * `added_tokens_decoder` in the first replaces the other two, and the added tokens of `tokenizer.json`.
 *
 * @throws ModelError when a file is not JSON or has a field of the wrong type
 */
export async function readTokenizerConfig(dir: string, { vocab, whole }: KnownTokens): Promise<TokenizerConfig> {
  const config = await readJson(join(dir, 'tokenizer_config.json'), ConfigSchema, {});
  const decoder = config.added_tokens_decoder;
  const map = decoder ? {} : await readJson(join(dir, 'special_tokens_map.json'), MapSchema, {});
  const usual = vocab.has(START) && vocab.has(END) ? { bos_token: START, eos_token: END } : {};
  const entries = { ...usual, ...config, ...map };
  const extra = extrasOf(entries);
  const named = NAMES.flatMap((name) => (entries[name] ? [[name, entries[name]] as const] : []));
  const special = new Set([...named.map(([, entry]) => entry), ...extra].map(contentOf));
  const withIds = decoder
    ? Object.entries(decoder).map(([id, entry]) => [Number(id), tokenOf(entry, false)] as const)
    : [...(await readAddedTokens(dir, special)), ...whole.map((entry) => [entry.id, tokenOf(entry, false)] as const)];
  const listed = [...new Map(withIds)].sort(([a], [b]) => a - b).map(([, token]) => token);
  // A token that is named but has no id cannot be encoded.
  const known = named.filter(([, entry]) => vocab.has(contentOf(entry)));
  const specials = [...known.map(([, entry]) => entry), ...extra].map((entry) => tokenOf(entry, true));
  const { model_max_length: maxLength } = config;
  return {
    // transformers writes 1e30 for "no limit".
    maxLength: maxLength && maxLength < 1e6 ? maxLength : undefined,
    named: Object.fromEntries(named.map(([name, entry]) => [name, contentOf(entry)])),
    added: withIdsOf(vocab, distinct([...listed, ...specials])),
  };
}

/** The tokens of `added_tokens.json`, by id. */
async function readAddedTokens(dir: string, special: ReadonlySet<string>) {
  const ids = await readJson(join(dir, 'added_tokens.json'), dictionary(v.number('a number')), {});
  return Object.entries(ids).map(
    ([content, id]) => [id, tokenOf({ content, special: special.has(content) }, false)] as const,
  );
}

/** Ids of the vocabulary. Tokens that it lacks get the next ids, whatever the files say. */
function withIdsOf(vocab: Vocabulary, tokens: readonly AddedToken[]): IdentifiedToken[] {
  const { size } = vocab;
  let highest = 0;
  return tokens.map((token) => {
    const id = vocab.get(token.content) ?? (highest < size ? size : highest + 1);
    highest = Math.max(highest, id);
    return { ...token, id };
  });
}

function extrasOf(entries: v.InferOutput<typeof MapSchema>): readonly TokenEntry[] {
  const extra = entries.extra_special_tokens ?? entries.additional_special_tokens ?? [];
  return Array.isArray(extra) ? extra : Object.values(extra);
}

function contentOf(entry: TokenEntry): string {
  return typeof entry === 'string' ? entry : entry.content;
}

/** A special token matches as written, any other in lower case, unless the folder says otherwise. */
function tokenOf(entry: TokenEntry, isSpecial: boolean): AddedToken {
  const { content, lstrip, rstrip, single_word, normalized, special } =
    typeof entry === 'string' ? ({ content: entry } as Exclude<TokenEntry, string>) : entry;
  return {
    content,
    lstrip: lstrip ?? false,
    rstrip: rstrip ?? false,
    singleWord: single_word ?? false,
    normalized: normalized ?? !(special ?? isSpecial),
  };
}

/** Keeps the first token of each content. */
function distinct(tokens: readonly AddedToken[]): AddedToken[] {
  const contents = new Set<string>();
  return tokens.filter(({ content }) => content !== '' && !contents.has(content) && contents.add(content));
}
