interface TokenErrorOptions {
  /** `unavailable`: the token may be valid, but the keys for checking it cannot be had at the moment. */
  readonly why: 'invalid' | 'unavailable';
  readonly cause?: unknown;
}

/** A token that cannot be used. The message is for its owner: it says what is wrong, and repeats no part of the token. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly why: TokenErrorOptions['why'];

  constructor(message: string, { why, cause }: TokenErrorOptions = { why: 'invalid' }) {
    super(message, { cause });
    this.why = why;
  }
}
