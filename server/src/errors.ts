import type { ErrorCode } from '@underpaint/shared';

/** An error the user can fix: it prints one line, without a stack, and exits with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A frame failed. The session goes on; the client receives `code` for the frame's `seq`. */
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
