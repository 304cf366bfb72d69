import { isDeepStrictEqual } from 'node:util';
import type { HelloMessage } from '@underpaint/shared';

/** What a client may do, as its token says. */
export interface Grant {
  /** Whose token it is; undefined without tokens. */
  readonly subject: string | undefined;
  /** Longest time of a session, ms. */
  readonly sessionMs: number;
  /** Otherwise it may only watch in rooms. */
  readonly mayDraw: boolean;
  /** Whether it may make rooms, and enter those whose owner's key it has. */
  readonly mayMakeRooms: boolean;
  /** Ids of the other rooms that it may enter; undefined for all. */
  readonly rooms: ReadonlySet<string> | undefined;
  readonly framesPerSecond: number;
  /** Sessions at once; undefined for as many as the server allows each subject. */
  readonly sessions: number | undefined;
  /** Its share of the device beside that of the others; 1 is one share. */
  readonly weight: number;
  /** Whether it may end sessions and rooms of others. */
  readonly isOperator: boolean;
}

/** On a server without tokens, everybody may do everything except to operate it. */
export const OPEN_GRANT: Grant = Object.freeze({
  subject: undefined,
  sessionMs: Infinity,
  mayDraw: true,
  mayMakeRooms: true,
  rooms: undefined,
  framesPerSecond: Infinity,
  sessions: undefined,
  weight: 1,
  isOperator: false,
});

/** Whether a client may enter a room with a key. @param ofOwner whether it has the owner's key */
export function mayEnter({ rooms, mayMakeRooms }: Grant, id: string, ofOwner: boolean): boolean {
  return rooms === undefined || rooms.has(id) || (ofOwner && mayMakeRooms);
}

/** Whether a fresh grant lets a session go on: it may change how much, not what. */
export function isSameAccess(a: Grant, b: Grant): boolean {
  const accessOf = ({ subject, mayDraw, mayMakeRooms, rooms }: Grant) => ({ subject, mayDraw, mayMakeRooms, rooms });
  return isDeepStrictEqual(accessOf(a), accessOf(b));
}

/** A hello that asks for no more than the grant allows. */
export function helloWithin(hello: HelloMessage, { mayDraw }: Grant): HelloMessage {
  return mayDraw ? hello : { ...hello, role: 'viewer' };
}
