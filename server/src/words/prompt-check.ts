/** The answer about a prompt. `failed`: nobody could say, so it is not painted. */
export interface Verdict {
  readonly result: 'allowed' | 'refused' | 'failed';
  /** A sentence for the person who wrote the words; empty if the site gave none. */
  readonly reason: string;
}

/** A site's own check of the words that people write. */
export interface PromptCheck {
  /** Never throws or rejects. */
  check(prompt: string): Verdict | Promise<Verdict>;
  /** Reads its settings again. */
  reload(): void;
}
