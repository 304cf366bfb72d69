import type { DropReason } from '@underpaint/shared';
import type { FrameError } from '../errors.js';
import type { OutgoingImage, ReceivedFrame } from './frames.js';

/** The readers of a canvas: one session, or the members of a room. */
export interface Audience {
  /** Whether an image waits for its reader; for several readers, for each of them. */
  readonly isFull: boolean;
  show(image: OutgoingImage): void;
  /** A frame will have no image; its sender is told. */
  handleDropped(frame: ReceivedFrame, reason: DropReason): void;
  /** A frame failed. Without a frame: an image that new parameters asked for failed. */
  handleFailed(frame: ReceivedFrame | undefined, error: FrameError): void;
}
