import type { IdentifiedToken } from './added-tokens.js';

/** Words of a text, and the ids of tokens between them. */
export type Piece = string | number;

/** A boundary of a word, as the `tokenizers` library defines it (Unicode TR18, annex C). */
const NOT_AFTER_WORD = /(?<![\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}])/uy;
const NOT_BEFORE_WORD = /(?![\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}])/uy;
const SPACES_BEFORE = /(?<=(\p{White_Space}*))/uy;
const SPACES_AFTER = /(\p{White_Space}*)/uy;

/** Cuts added tokens out of a text: the leftmost first, and the longest of those that begin there. */
export class TokenSplitter {
  readonly #tokens: ReadonlyMap<string, IdentifiedToken>;
  readonly #pattern: RegExp | undefined;

  /** @param tokens by their content */
  constructor(tokens: ReadonlyMap<string, IdentifiedToken>) {
    this.#tokens = tokens;
    const contents = [...tokens.keys()].sort((a, b) => b.length - a.length);
    this.#pattern = contents.length > 0 ? new RegExp(contents.map(escaped).join('|'), 'g') : undefined;
  }

  split(text: string): Piece[] {
    if (!this.#pattern) return [text];
    const pieces: Piece[] = [];
    let done = 0;
    for (const { 0: content, index } of text.matchAll(this.#pattern)) {
      const token = this.#tokens.get(content)!;
      const end = index + content.length;
      if (token.singleWord && !(at(NOT_AFTER_WORD, text, index) && at(NOT_BEFORE_WORD, text, end))) continue;
      const start = token.lstrip ? Math.max(done, index - at(SPACES_BEFORE, text, index)![1]!.length) : index;
      pieces.push(text.slice(done, start), token.id);
      done = token.rstrip ? end + at(SPACES_AFTER, text, end)![1]!.length : end;
    }
    pieces.push(text.slice(done));
    return pieces.filter((piece) => piece !== '');
  }
}

function at(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
