/** Letters, and apostrophes between them. */
const WORD = /[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu;

/** What tells which words a model knows. */
interface KnownTexts {
  readonly vocabulary: readonly string[];
  /** Prompts that the model card offers. Their words count as known. */
  readonly prompts: readonly string[];
}

/**
 * The words of a prompt that a model does not know, each once, as they were typed. The last word may be unfinished, so the
 * beginning of a known word counts as known there.
 */
export function unknownWords(prompt: string, { vocabulary, prompts }: KnownTexts): readonly string[] {
  const known = new Set([...vocabulary, ...prompts].flatMap((text) => wordsOf(plain(text))));
  const unfinished = /[\p{L}\p{M}'’]$/u.test(prompt) ? plain(wordsOf(prompt).at(-1) ?? '') : '';
  const isKnown = (word: string) => known.has(word) || known.has(word.split(/['’]/)[0]!);
  const isBegun = (word: string) => word === unfinished && [...known].some((other) => other.startsWith(word));
  const unknown = wordsOf(prompt).filter((word) => !isKnown(plain(word)) && !isBegun(plain(word)));
  return [...new Map(unknown.map((word) => [plain(word), word])).values()];
}

function wordsOf(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}

function plain(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
