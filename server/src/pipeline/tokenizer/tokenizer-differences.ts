/*
 * In two cases the tokenizer library for JavaScript gives other tokens than the one of transformers. These functions
 * change a tokenizer's description so that both agree. findings/tokenizers-final-sigma.sh shows the second.
 */

/** How GPT-2's tokenizer splits text into words (Radford et al. 2019), which a step `ByteLevel` begins with. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * A step `ByteLevel` takes spaces as JavaScript does, which includes U+FEFF; a step `Split` takes them as Unicode does.
 */
export function withUnicodeSpaces(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== 'object' || preTokenizer === null) return preTokenizer;
  const step = preTokenizer as Readonly<Record<string, unknown>>;
  if (Array.isArray(step.pretokenizers)) {
    return { ...step, pretokenizers: step.pretokenizers.map(withUnicodeSpaces) };
  }
  if (step.type !== 'ByteLevel' || step.use_regex === false || step.add_prefix_space === true) return step;
  const split = { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Isolated', invert: false };
  return { type: 'Sequence', pretokenizers: [split, { ...step, use_regex: false }] };
}

/** In lower case, JavaScript ends a word with the final sigma; the other library has one small sigma only. */
export function withOneSigma(normalizer: object | null | undefined): object | null {
  const sigma = { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' };
  return normalizer ? { type: 'Sequence', normalizers: [sigma, normalizer] } : null;
}
