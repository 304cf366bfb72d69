/** What a member of a room may do: everything, draw and change the words, or watch. */
export type Role = 'owner' | 'editor' | 'viewer';

export const ROOM_LIMITS = Object.freeze({
  /** The most bytes of a `doc` message's data; what is larger comes in several, all but the last with `more`. */
  docChunkBytes: 128 * 1024,
  /** The most bytes of one update of the drawing, all its chunks together. */
  maxUpdateBytes: 4 * 1024 * 1024,
  maxPresenceBytes: 2 * 1024,
});

/** In `welcome`: the room that was entered. The keys are what links carry; an editor cannot make more of them than `view`. */
export interface RoomSummary {
  /** The number of this member, new at every connection. */
  readonly member: number;
  readonly role: Role;
  /** Lets others draw; for those who may draw themselves. */
  readonly edit?: string;
  /** Lets others watch. */
  readonly view: string;
  readonly maxDocBytes: number;
}

/**
 * The drawing, as Yjs has it. `vector`: what the sender knows of it; it is answered by one `state`, all that the vector
 * lacks. `update`: what changed just now.
 */
export interface DocMessage {
  readonly type: 'doc';
  readonly kind: DocKind;
  readonly data: Uint8Array;
  /** More of the same payload follows. */
  readonly more?: boolean;
}

export const DOC_KINDS = ['vector', 'state', 'update'] as const;
export type DocKind = (typeof DOC_KINDS)[number];

/** Names, colours and cursors: an awareness update of y-protocols, about the sender alone. */
export interface PresenceMessage {
  readonly type: 'presence';
  readonly data: Uint8Array;
}

/** From a member: the owner locks or unlocks the room; the presenter's place is taken, handed over or given up. */
export interface RoleRequestMessage {
  readonly type: 'role';
  readonly locked?: boolean;
  /** The number of a member; null for nobody. */
  readonly presenter?: number | null;
}

/** To a member: what it may do now, and how the room is. */
export interface RoleMessage {
  readonly type: 'role';
  readonly role: Role;
  /** Only the owner draws. */
  readonly locked: boolean;
  readonly presenter: number | null;
}

export interface Member {
  readonly member: number;
  /** The number under which its edits stand in the document and its presence is known. */
  readonly client: number;
  readonly role: Role;
}

/** Who is in the room when one enters (`here`), and who came or went since. */
export interface MemberMessage {
  readonly type: 'member';
  readonly event: 'here' | 'joined' | 'left';
  readonly members: readonly Member[];
}

/** To a member: whether what is drawn here is kept. Said when it is not, and when it is again. */
export interface NoticeMessage {
  readonly type: 'notice';
  readonly saved: boolean;
}

/** To an editor: the newest frame does not show the whole drawing, and nobody is about to send one that does. */
export interface UploadMessage {
  readonly type: 'upload';
}
