import type { ImageReason } from '@underpaint/shared';
import type { RenderedImage, RenderRequest } from '../inference/contract.js';

/* What a frame is on its way: received, waiting, claimed, and an image going out. Times are ms on the server's clock. */

export interface ReceivedFrame {
  /** Its number among the frames of its canvas, whoever sent them. */
  readonly number: number;
  readonly seq: number;
  readonly at: number | undefined;
  /** In a room: who sent it. */
  readonly member: number | undefined;
  readonly data: Uint8Array;
  readonly receivedMs: number;
}

/** A frame in the mailbox, or one that is due to be refined. Its parameters are those in force when it is taken. */
export interface WaitingFrame {
  readonly frame: ReceivedFrame;
  readonly reason: ImageReason;
}

/** A frame that was claimed, with all that its image depends on. */
export interface Claim extends WaitingFrame {
  readonly request: RenderRequest;
  readonly version: number;
  readonly queueMs: number;
  /** Calls the run off; set by who runs it. Nothing of it is delivered any more, whether it stops in time or not. */
  cancel: () => void;
}

/** An image on its way out; `serverMs` is known only when it goes. */
export interface OutgoingImage {
  /** Number of its frame on the canvas. */
  readonly number: number;
  readonly seq: number;
  readonly at: number | undefined;
  readonly member: number | undefined;
  readonly reason: ImageReason;
  readonly version: number;
  readonly receivedMs: number;
  readonly queueMs: number;
  readonly rendered: RenderedImage;
  /** False for a preview, after which the final image of the same frame comes. */
  readonly final: boolean;
}
