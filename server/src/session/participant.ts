import type {
  DocMessage,
  DropReason,
  FrameMessage,
  PresenceMessage,
  RoleRequestMessage,
  RoomSummary,
  ServerMessage,
} from '@underpaint/shared';
import type { Canvas } from '../canvas/canvas.js';
import type { FrameError } from '../errors.js';
import type { OutgoingImage } from '../canvas/frames.js';

/** What only members of a room say. */
export type RoomMessage = DocMessage | PresenceMessage | RoleRequestMessage;

/** What a participant sees of its session. */
export interface Conversation {
  /** Whether an image waits for its reader. */
  readonly isWindowFull: boolean;
  send(message: ServerMessage): void;
  /** Sends what is large or much; `onFlushed` is called when the socket has room for more. */
  sendBulk(message: ServerMessage, onFlushed: () => void): void;
  sendImage(image: OutgoingImage): void;
  tellDropped(seq: number, reason: DropReason): void;
  /** @param seq the frame that failed, if it was one */
  tellFailed(seq: number | undefined, error: FrameError): void;
  /** Ends it from this side. */
  close(code: number, reason: string): void;
}

/** How a session takes part in a canvas: alone, or as a member of a room. */
export interface Participant {
  readonly canvas: Canvas;
  /** Its share of the canvas, whose cost all participants have together; 0..1. */
  readonly share: number;
  readonly room: RoomSummary | undefined;
  /** The session is welcome: it sees what there is. */
  enter(): void;
  handleFrame(frame: FrameMessage): void;
  /** @throws ParamsError when the patch is none; nothing has changed then */
  handleParams(patch: unknown): void;
  handleRoomMessage(message: RoomMessage): void;
  /** Its reader has room for an image again. */
  handleWindowOpen(): void;
  leave(): void;
}
