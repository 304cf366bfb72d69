import type { MessagesOf } from './definition.js';
import * as frames from './frames.js';
import * as parameters from './parameters.js';
import * as rooms from './rooms.js';
import * as session from './session.js';

/** Definitions of the messages that clients send. Lists of objects, so that a bundle leaves out what it does not use. */
export const FROM_CLIENT = [
  session.FROM_CLIENT,
  parameters.FROM_CLIENT,
  frames.FROM_CLIENT,
  rooms.FROM_CLIENT,
] as const;

/** Definitions of the messages that the server sends. */
export const FROM_SERVER = [
  session.FROM_SERVER,
  parameters.FROM_SERVER,
  frames.FROM_SERVER,
  rooms.FROM_SERVER,
] as const;

type FromClient = MessagesOf<
  typeof session.FROM_CLIENT & typeof parameters.FROM_CLIENT & typeof frames.FROM_CLIENT & typeof rooms.FROM_CLIENT
>;
type FromServer = MessagesOf<
  typeof session.FROM_SERVER & typeof parameters.FROM_SERVER & typeof frames.FROM_SERVER & typeof rooms.FROM_SERVER
>;

export type ClientMessage = FromClient[keyof FromClient];
export type ServerMessage = FromServer[keyof FromServer];

/** One handler for each type of message. */
export type Handlers<M extends { readonly type: string }> = {
  readonly [Type in M['type']]: (message: Extract<M, { readonly type: Type }>) => void;
};

/** Calls the handler of a message. */
export function dispatch<M extends { readonly type: string }>(handlers: Handlers<M>, message: M): void {
  const handle = handlers[message.type as M['type']] as (message: M) => void;
  handle(message);
}

// ── client to server ────────────────────────────────────────────────────────────────────────────────────────────────

export type HelloMessage = FromClient['hello'];
export type ParamsPatchMessage = FromClient['params'];
export type FrameMessage = FromClient['frame'];
export type AckMessage = FromClient['ack'];
export type RoleRequestMessage = FromClient['role'];
/** Messages that only members of a room send. */
export type RoomRequest = FromClient[keyof typeof rooms.FROM_CLIENT];

// ── server to client ────────────────────────────────────────────────────────────────────────────────────────────────

export type WelcomeMessage = FromServer['welcome'];
export type WaitingMessage = FromServer['waiting'];
export type ByeMessage = FromServer['bye'];
export type ParamsMessage = FromServer['params'];
export type ImageMessage = FromServer['image'];
export type DroppedMessage = FromServer['dropped'];
export type ErrorMessage = FromServer['error'];
export type RoleMessage = FromServer['role'];
export type MemberMessage = FromServer['member'];
export type NoticeMessage = FromServer['notice'];
export type UploadMessage = FromServer['upload'];
/** Messages that only members of a room receive. */
export type RoomMessage = FromServer[keyof typeof rooms.FROM_SERVER];

// ── both ways ───────────────────────────────────────────────────────────────────────────────────────────────────────

export type DrawingMessage = FromClient['drawing'];
export type PresenceMessage = FromClient['presence'];

// ── parts of messages ───────────────────────────────────────────────────────────────────────────────────────────────

export type ModelSummary = WelcomeMessage['model'];
export type Limits = WelcomeMessage['limits'];
export type RoomSummary = NonNullable<WelcomeMessage['room']>;
export type Timing = ImageMessage['timing'];
export type MemberSummary = MemberMessage['members'][number];
export type Role = RoleMessage['role'];
export type DrawingKind = DrawingMessage['kind'];
export type ErrorCode = ErrorMessage['code'];
export type DropReason = DroppedMessage['reason'];
export type ImageReason = ImageMessage['reason'];
