import type { ErrorCode } from '@underpaint/shared';

/** Something the person who started the program can mend: one line and exit code 2, no stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A frame that could not become an image. The session lives; the client is told `code` for that `seq`. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: ErrorCode;
  /** Whether the same frame may succeed when sent again. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
