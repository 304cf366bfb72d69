/*
 * Where the tokenizer library for JavaScript gives other tokens than the one that transformers uses, and how a
 * description of a tokenizer is changed so that it gives the same. findings/tokenizers-final-sigma.sh shows the second.
 */

/** How GPT-2's tokenizer splits text into words (Radford et al. 2019), which a step `ByteLevel` begins with. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * In a step `ByteLevel` JavaScript's idea of a space decides, which has U+FEFF among them; in a step `Split` it is
 * Unicode's.
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

/** JavaScript ends a word in capitals with another small sigma, which this keeps away; the other library has but one. */
export function withOneSigma(normalizer: object | null | undefined): object | null {
  const sigma = { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' };
  return normalizer ? { type: 'Sequence', normalizers: [sigma, normalizer] } : null;
}
