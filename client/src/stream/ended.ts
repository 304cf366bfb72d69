import { CLOSE } from '@underpaint/shared';
import { BAD_ADDRESS } from './reconnecting-socket.js';
import type { StreamFailure } from './stream-events.js';

/** The failure behind an end, if the builder of the page can do something about it. */
export function failureOf({ code, reason }: { code: number; reason: string }): StreamFailure | undefined {
  if (code === BAD_ADDRESS) return { code: 'bad-address', message: reason, retryable: false };
  if (code !== CLOSE.originNotAllowed) return undefined;
  const message = `The server does not let this page connect: ${reason}`;
  return { code: 'origin-not-allowed', message, retryable: false };
}
