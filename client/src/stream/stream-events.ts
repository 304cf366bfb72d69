import type { DroppedMessage, ErrorCode, ImageMessage, Params } from '@underpaint/shared';
import type { Statistics } from './statistics.js';

/**
 * Something failed. `bad-address`: the server's address is not valid. `origin-not-allowed`: the server does not let this page
 * connect; the message says what to set on the server. All other codes come from the server.
 */
export interface StreamFailure {
  readonly code: ErrorCode | 'bad-address' | 'origin-not-allowed';
  readonly message: string;
  /** Whether the same request may succeed later. The stream tries it again by itself. */
  readonly retryable: boolean;
  /** The frame that failed. */
  readonly seq?: number;
}

export interface StreamClientEvents {
  /** `StreamClient.state` or `frozen` has changed. */
  statechange: Event;
  /** `StreamClient.isBehind` has changed. */
  behindchange: Event;
  image: StreamImageEvent;
  /** The parameters in effect, after `setParams` or at the start of a session; `detail` has all of them. */
  params: CustomEvent<Params>;
  dropped: CustomEvent<DroppedMessage>;
  /** A frame, a change of parameters or the connection failed. */
  streamerror: CustomEvent<StreamFailure>;
  /** At most twice a second, and only while images arrive. */
  statistics: CustomEvent<Statistics>;
}

/**
 * An image arrived. The server sends images only as fast as they are shown. A listener that needs time to show an image
 * calls `waitUntil`; the image counts as shown when that promise settles. Without a call it counts as shown at once.
 */
export class StreamImageEvent extends Event {
  readonly image: ImageMessage;
  #until: Promise<unknown>[] = [];

  constructor(image: ImageMessage) {
    super('image');
    this.image = image;
  }

  /** The picture as a JPEG blob. */
  get blob(): Blob {
    return new Blob([this.image.data as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' });
  }

  waitUntil(shown: Promise<unknown>): void {
    this.#until.push(shown);
  }

  /** Resolves when every listener is done with the image. Never rejects. */
  async shown(): Promise<void> {
    if (this.#until.length > 0) await Promise.allSettled(this.#until);
  }
}
