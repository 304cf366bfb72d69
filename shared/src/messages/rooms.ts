import type { CheckedKind, Definitions } from './definition.js';
import { ROLES } from './session.js';

export const ROOM_LIMITS = Object.freeze({
  /** Largest `data` of one `drawing` message. Larger payloads are split; all parts but the last have `more`. */
  drawingChunkBytes: 128 * 1024,
  /** Largest payload of the drawing, all its parts together. */
  maxUpdateBytes: 4 * 1024 * 1024,
  maxPresenceBytes: 2 * 1024,
});

/** `vector`: the changes the sender has; `state`: the changes the other side lacks; `update`: the latest changes. */
const DRAWING_KINDS = ['vector', 'state', 'update'] as const;

/** `here`: everybody, when a member enters. */
const MEMBER_EVENTS = ['here', 'joined', 'left'] as const;

const DRAWING = {
  fields: { kind: { oneOf: DRAWING_KINDS }, data: 'binary' },
  optional: {
    /** More of the same payload follows. */
    more: 'boolean',
  },
} as const;

const MEMBER = {
  fields: {
    member: 'uint32',
    /** The number that identifies its marks and its presence. */
    author: 'uint32',
    role: { oneOf: ROLES },
  },
} as const;

export const FROM_CLIENT = {
  /** In a room: a payload of the drawing, or a part of one. */
  drawing: DRAWING,
  /** In a room: name, colour and cursor of this client, as an awareness update of y-protocols. */
  presence: {
    fields: { data: { maxBytes: ROOM_LIMITS.maxPresenceBytes } },
  },
  /** In a room: locks, closes or opens it, removes a member, or changes who presents (a member's number, or null). */
  role: {
    fields: {},
    optional: { locked: 'boolean', closed: 'boolean', remove: 'uint32', presenter: { nullable: 'uint32' } },
  },
} as const satisfies Definitions<CheckedKind>;

export const FROM_SERVER = {
  /** In a room: the same from the server. */
  drawing: DRAWING,
  /** In a room: the latest presence of several members. Sent at most 30 times a second. */
  presence: {
    fields: { data: 'binary' },
  },
  /** In a room: what this member may do, and the state of the room. Sent on entering and after every change. */
  role: {
    fields: {
      role: { oneOf: ROLES },
      /** Only the owner may draw. */
      locked: 'boolean',
      /** Nobody new may enter. */
      closed: 'boolean',
      presenter: { nullable: 'uint32' },
    },
  },
  /** In a room: members who are present (all of them, in one or more messages), joined or left. */
  member: {
    fields: { event: { oneOf: MEMBER_EVENTS }, members: { listOf: MEMBER } },
  },
  /** In a room: whether the server can save the drawing. Sent when it cannot (it keeps trying), and when it can again. */
  notice: {
    fields: { saved: 'boolean' },
  },
  /** In a room: please upload a frame; the newest one does not show the whole drawing. */
  upload: {
    fields: {},
  },
} as const satisfies Definitions;
