import type { FrameMessage, HelloMessage, RoomMessage, RoomRequest, WelcomeMessage } from '@underpaint/shared';

/** What a frame says about its picture: how much of the shared drawing it shows, or that it comes from a camera. */
export type FrameLabel = Pick<FrameMessage, 'drawn' | 'camera'>;

/** What a link can do with the stream while the stream is live. */
export interface LinkPort {
  /** @returns false if the message could not be sent */
  send(message: RoomRequest): boolean;
  /** Uploads the picture as soon as possible. */
  changed(): void;
}

/** Whose picture a stream paints: one person's (`SoloLink`) or a room's. The stream asks its link and knows no drawings. */
export interface StreamLink {
  /** Fields to add to every hello. */
  readonly hello: Pick<HelloMessage, 'room' | 'role' | 'author' | 'pass'>;
  /** Whether other people change the parameters too. */
  readonly sharesParams: boolean;
  opened(welcome: WelcomeMessage, port: LinkPort): void;
  closed(): void;
  receive(message: RoomMessage): void;
  /** Whether this client is the member that caused a message. A message outside of rooms names no member. */
  isOwn(member: number | undefined): boolean;
  /** Another member changed the prompt. */
  promptChangedBy(member: number): void;
  /** The server rejected a change of the drawing because the drawing is full. */
  rejected(): void;
  /** Called right before a picture is captured. @returns null if no picture may be sent now */
  label(): FrameLabel | null;
}
