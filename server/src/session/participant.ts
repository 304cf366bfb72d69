import type { FrameMessage, HelloMessage, RoomRequest, RoomSummary } from '@underpaint/shared';
import type { Grant } from '../access/grant.js';
import type { Canvas } from '../canvas/canvas.js';
import type { Channel } from './channel.js';

/** How a session takes part in a canvas: alone, or as a member of a room. */
export interface Participant {
  readonly canvas: Canvas;
  /** Its share of the cost of the canvas, which all its participants have together; 0..1. */
  readonly share: number;
  readonly room: RoomSummary | undefined;
  /** The id of the room, which opens nothing. */
  readonly roomId?: string;
  /** Sets its pace and its weight. Called before `enter`, and again with every fresh token. */
  allow(grant: Grant): void;
  /** The session has been welcomed: the participant sends the current state. */
  enter(): void;
  handleFrame(frame: FrameMessage): void;
  /** @throws ParamsError if the patch is invalid; nothing has changed then */
  handleParams(patch: unknown): void;
  handleRoomMessage(message: RoomRequest): void;
  /** The reader can take an image again. */
  handleWindowOpen(): void;
  /** The session is over. Also called on a participant that never entered. */
  leave(): void;
}

/** A client that has said hello. */
export interface Visitor {
  readonly address: string;
  /** When it said hello, by the wall clock, if another server was told so; otherwise it is now. */
  readonly helloAtMs?: number | undefined;
}

/** Why a client is turned away. */
export interface Rejection {
  /** Close code of the protocol. */
  readonly code: number;
  readonly reason: string;
}

/** Somebody who may make rooms. */
export interface Creator {
  readonly address: string;
  readonly grant: Grant;
}

/** What a session sees of the rooms. */
export interface RoomEntrance {
  /** Checks that the room in a hello can be entered, and creates it if it is new. */
  prepare(hello: HelloMessage, by: Creator): Promise<Rejection | undefined>;
  /** Whether somebody is in that room; one more in it then costs nothing. */
  isAwake(key: string): boolean;
  /** Loads the room in a hello, so that it can be entered in the same turn of the event loop. */
  load(hello: HelloMessage): Promise<Rejection | undefined>;
  /** Makes a member of a loaded room. */
  enter(hello: HelloMessage, channel: Channel): Participant | Rejection;
}
