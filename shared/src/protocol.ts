import type { Params, ParamsPatch, Ranges } from './params.js';
import type {
  DocMessage,
  MemberMessage,
  NoticeMessage,
  PresenceMessage,
  RoleMessage,
  RoleRequestMessage,
  RoomSummary,
  UploadMessage,
} from './room-messages.js';

export const PROTOCOL_VERSION = 1;
/** The WebSocket subprotocol both sides must name. */
export const SUBPROTOCOL = 'underpaint.v1';
/** How many frames without an end a polite client keeps: one running, one waiting, one on the way. */
export const MAX_FRAMES_IN_FLIGHT = 3;

export const CLOSE = Object.freeze({
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  restart: 1012,
  tryAgainLater: 1013,
  protocolError: 4000,
  helloTimeout: 4001,
  notAuthorised: 4003,
  noSuchRoom: 4004,
  tooSlow: 4008,
  replaced: 4009,
});

/** A client must not come back by itself after these: the same hello would be refused again, or another tab has taken over. */
export const FINAL_CLOSE_CODES: ReadonlySet<number> = new Set([
  CLOSE.protocolError,
  CLOSE.notAuthorised,
  CLOSE.noSuchRoom,
  CLOSE.policy,
  CLOSE.replaced,
]);

export type ErrorCode =
  | 'bad-image'
  | 'image-too-large'
  | 'bad-params'
  | 'worker-failed'
  /** A viewer draws, or somebody draws in a locked room. */
  | 'forbidden'
  /** The drawing of the room has reached its limit. */
  | 'doc-full';

/** `replaced`: by a newer frame; `unchanged`: the image that stands shows it; `stopping`: the server stops. */
export type DropReason = 'replaced' | 'unchanged' | 'stopping';
export type ImageReason = 'frame' | 'params' | 'refine';

// ── client to server ────────────────────────────────────────────────────────────────────────────────────────────────

export interface HelloMessage {
  readonly type: 'hello';
  readonly token?: string;
  readonly resume?: string;
  /** A key of a room. */
  readonly room?: string;
  /** `owner` makes the room when there is none under this key; `viewer` only watches, whatever the key. */
  readonly role?: string;
  /** The number under which this client's edits stand in the document of the room. */
  readonly doc?: number;
  /** What the client is, for the server's log: a name and a version. */
  readonly client?: string;
}

export interface ParamsPatchMessage {
  readonly type: 'params';
  readonly params: ParamsPatch;
}

export interface FrameMessage {
  readonly type: 'frame';
  readonly seq: number;
  readonly data: Uint8Array;
  /** Client clock in ms, echoed with the image. */
  readonly at?: number;
  /** In a room: how many payloads of the drawing this picture shows of those received on this connection. */
  readonly doc?: number;
  /** In a room: it shows a camera and not the drawing. Only the presenter's are taken. */
  readonly camera?: boolean;
}

export interface AckMessage {
  readonly type: 'ack';
  readonly id: number;
}

export type ClientMessage =
  HelloMessage | ParamsPatchMessage | FrameMessage | AckMessage | DocMessage | PresenceMessage | RoleRequestMessage;

// ── server to client ────────────────────────────────────────────────────────────────────────────────────────────────

export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Prompts the model card offers. */
  readonly prompts: readonly string[];
  /** Colours the model's sketches use, as #rrggbb. */
  readonly palette: readonly string[];
}

export interface Limits {
  readonly maxFrameBytes: number;
  readonly maxFramePixels: number;
  readonly maxFramesPerSecond: number;
}

export interface WelcomeMessage {
  readonly type: 'welcome';
  readonly protocol: typeof PROTOCOL_VERSION;
  readonly session: string;
  readonly resume: string;
  /** The highest `seq` of this session so far; 0 for a new one. */
  readonly lastSeq: number;
  readonly features: readonly string[];
  readonly model: ModelSummary;
  readonly params: Params;
  readonly ranges: Ranges;
  readonly limits: Limits;
  readonly room?: RoomSummary;
}

export interface ParamsMessage {
  readonly type: 'params';
  readonly version: number;
  readonly params: Params;
  /** In a room: who changed them; for that one it is the answer to its patch. */
  readonly member?: number;
}

/** Milliseconds; `serverMs` is from the last byte of the frame received to the first byte of the image sent. */
export interface Timing {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly inferMs: number;
  readonly encodeMs: number;
  readonly serverMs: number;
}

export interface ImageMessage {
  readonly type: 'image';
  readonly id: number;
  readonly seq: number;
  readonly at?: number;
  /**
   * In a room: whose frame it shows. When that is another member, `seq` repeats that of the receiver's own last image
   * and is the end of no frame.
   */
  readonly member?: number;
  readonly reason: ImageReason;
  readonly step: number;
  readonly steps: number;
  readonly final: boolean;
  readonly version: number;
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The model's safety checker would not have it shown: it is blurred. */
  readonly flagged?: true;
  readonly timing: Timing;
}

export interface DroppedMessage {
  readonly type: 'dropped';
  readonly seq: number;
  readonly reason: DropReason;
}

export interface ErrorMessage {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly seq?: number;
}

export interface WaitingMessage {
  readonly type: 'waiting';
  readonly position: number;
}

export interface ByeMessage {
  readonly type: 'bye';
  readonly code: number;
  readonly reconnectAfterMs?: number;
}

export type ServerMessage =
  | WelcomeMessage
  | ParamsMessage
  | ImageMessage
  | DroppedMessage
  | ErrorMessage
  | WaitingMessage
  | ByeMessage
  | DocMessage
  | PresenceMessage
  | RoleMessage
  | MemberMessage
  | NoticeMessage
  | UploadMessage;
