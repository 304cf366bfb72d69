import type { DropReason } from '@underpaint/shared';
import type { FrameError } from '../errors.js';
import type { Audience } from './audience.js';
import type { PendingFrame } from './frames.js';
import type { Received } from './received.js';

/** Ends frames that have no image of their own. A frame that is rendered again has had its end, and gets no second one. */
export class Endings {
  readonly #received: Received;
  readonly #audience: () => Audience | undefined;

  constructor(received: Received, audience: () => Audience | undefined) {
    this.#received = received;
    this.#audience = audience;
  }

  drop({ frame, reason }: PendingFrame, why: DropReason): void {
    if (reason !== 'frame') return;
    this.#received.end(frame);
    this.#audience()?.handleDropped(frame, why);
  }

  /** Newer frames were faster. */
  dropOvertaken(frames: readonly PendingFrame[]): void {
    for (const frame of frames) this.drop(frame, 'replaced');
  }

  fail({ frame, reason }: PendingFrame, error: FrameError): void {
    if (reason === 'frame') this.#received.end(frame);
    this.#audience()?.handleFailed(reason === 'frame' ? frame : undefined, error);
  }
}
