import type { ImageReason, Params } from '@underpaint/shared';
import type { RenderedImage, RenderRequest } from '../inference/contract.js';

/* A frame on its way: received, pending, claimed, and the image that goes out. Times are ms on the server's clock. */

/** The part of a frame that its image repeats. */
export interface FrameOrigin {
  /** Number of the frame among all frames of its canvas. */
  readonly number: number;
  readonly seq: number;
  readonly at: number | undefined;
  /** In a room: number of the member that sent it. */
  readonly member: number | undefined;
  /** The span of the client that sent it (W3C). */
  readonly traceparent?: string | undefined;
}

export interface ReceivedFrame extends FrameOrigin {
  readonly data: Uint8Array;
  readonly receivedMs: number;
}

/** A frame to render, and why. It is rendered with the parameters in force when it is claimed. */
export interface PendingFrame {
  readonly frame: ReceivedFrame;
  readonly reason: ImageReason;
}

/** The request that an image answers. */
export interface Asked {
  readonly frame: FrameOrigin;
  readonly reason: ImageReason;
  /** Version of the parameters. */
  readonly version: number;
  /** When the image was asked for: the start of its `serverMs`. */
  readonly askedMs: number;
  readonly queueMs: number;
}

/** A frame that was taken to be rendered, with everything that its image depends on. */
export interface Claim extends Asked {
  readonly frame: ReceivedFrame;
  readonly request: RenderRequest;
  /** Cancels the run; set by the engine. Its images are no longer delivered, whether it stops in time or not. */
  cancel: () => void;
}

/** An image on its way out. */
export interface OutgoingImage {
  readonly asked: Asked;
  readonly rendered: RenderedImage;
  /** False for a preview, after which the final image of the same frame comes. */
  readonly final: boolean;
}

/** The state that a canvas can be restored from. */
export interface SavedCanvas {
  readonly params: Params;
  /** The last image. */
  readonly rendered: RenderedImage | undefined;
}
