import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { PromptCheck, Verdict } from './prompt-check.js';

const ALLOWED: Verdict = { result: 'allowed', reason: '' };
const REFUSED: Verdict = { result: 'refused', reason: '' };
/** Scripts that put no spaces between words. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/**
 * Refuses prompts that have a word or phrase of a list. A file has one of them on each line; empty lines and those that
 * begin with # count for nothing. Case, accents' encoding and punctuation make no difference; a word matches whole words.
 */
export class WordList implements PromptCheck {
  readonly #file: string;
  readonly #log: Pick<Logger, 'info' | 'error'>;
  #entries: readonly string[];

  private constructor(file: string, log: Pick<Logger, 'info' | 'error'>) {
    this.#file = file;
    this.#log = log;
    this.#entries = readEntries(file);
  }

  /** @throws UsageError if the file cannot be read */
  static open(file: string, log: Pick<Logger, 'info' | 'error'>): WordList {
    try {
      return new WordList(file, log);
    } catch (error) {
      throw new UsageError(`--prompt-check cannot read ${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  check(prompt: string): Verdict {
    const text = wordsOf(prompt);
    return this.#entries.some((entry) => text.includes(entry)) ? REFUSED : ALLOWED;
  }

  /** If the file cannot be read any more, the old list stays. */
  reload(): void {
    try {
      this.#entries = readEntries(this.#file);
      this.#log.info({ file: this.#file, entries: this.#entries.length }, 'reloaded the list of words');
    } catch (error) {
      this.#log.error({ err: error, file: this.#file }, 'the list of words cannot be read; the old one stays');
    }
  }
}

function readEntries(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => !line.trimStart().startsWith('#'))
    .map(wordsOf)
    .filter((entry) => entry.trim() !== '')
    .map((entry) => (WITHOUT_SPACES.test(entry) ? entry.trim() : entry));
}

/** The words in lower case, each with a space before and after it. */
function wordsOf(text: string): string {
  return ` ${text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean)
    .join(' ')} `;
}
