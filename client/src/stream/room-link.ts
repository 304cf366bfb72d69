import type {
  DocMessage,
  FrameMessage,
  HelloMessage,
  MemberMessage,
  NoticeMessage,
  PresenceMessage,
  RoleMessage,
  RoleRequestMessage,
  UploadMessage,
  WelcomeMessage,
} from '@underpaint/shared';

/** What a room says to those in it, besides pictures and parameters. */
export type FromRoom = DocMessage | PresenceMessage | RoleMessage | MemberMessage | NoticeMessage | UploadMessage;
export type ToRoom = DocMessage | PresenceMessage | RoleRequestMessage;

/** Of a room's frame, what it says about its picture. */
export type FrameLabel = Pick<FrameMessage, 'doc' | 'camera'>;

/** The way into the conversation, for as long as it is live. */
export interface RoomPort {
  /** @returns false when it could not be sent */
  send(message: ToRoom): boolean;
  /** The picture is to be uploaded. */
  changed(): void;
}

/** What makes a stream that of a room. The stream knows nothing of drawings: it passes on, and asks before it uploads. */
export interface RoomLink {
  /** Goes into every hello. */
  readonly hello: Pick<HelloMessage, 'room' | 'role' | 'doc'>;
  opened(welcome: WelcomeMessage, port: RoomPort): void;
  closed(): void;
  receive(message: FromRoom): void;
  /** A change of the drawing was not taken: there is no room for it. */
  refused(): void;
  /** Somebody else changed the prompt. */
  wordsChangedBy(member: number): void;
  /** Asked at the moment a picture is taken; null when it should not be sent. */
  label(): FrameLabel | null;
}
