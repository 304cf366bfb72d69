import type { DroppedMessage, ErrorMessage, ImageMessage, Params } from '@underpaint/shared';
import type { Statistics } from './statistics.js';

export interface StreamClientEvents {
  /** `StreamClient.state` or `frozen` is another. */
  statechange: Event;
  image: StreamImageEvent;
  /** The effective parameters, after `setParams` or a new session; `detail` is all of them. */
  params: CustomEvent<Params>;
  dropped: CustomEvent<DroppedMessage>;
  /** A frame or a patch failed; the stream lives. */
  streamerror: CustomEvent<ErrorMessage>;
  /** At most twice a second, and only while something happens. */
  statistics: CustomEvent<Statistics>;
}

/**
 * An image came. The server sends the next ones only as fast as these are shown: a listener that needs time to show it
 * says so with `waitUntil`, and the image counts as shown (or skipped) when that promise settles. Without it, at once.
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

  /** When every listener is done with the image; never rejects. */
  async shown(): Promise<void> {
    if (this.#until.length > 0) await Promise.allSettled(this.#until);
  }
}
