import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@underpaint/shared';

/*
 * The keys of a room. Its owner has 128 random bits; the key that lets others draw is the hash of those, and the key that
 * lets them watch the hash of that: each makes the lesser ones, and none a greater. The room is known by one hash more,
 * so that who reads the server's files learns no key.
 */

/** What a key opens, if there is such a room. */
export interface RoomAddress {
  /** What the room is known by. */
  readonly id: string;
  readonly role: Role;
  /** Lets others draw; undefined for who may only watch. */
  readonly edit: string | undefined;
  /** Lets others watch. */
  readonly view: string;
}

const KEY_BYTES = 16;

export function createOwnerKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** The next lesser key. */
function lesser(key: string): string {
  return createHash('sha256').update(key, 'base64url').digest().subarray(0, KEY_BYTES).toString('base64url');
}

/** What a key may open: as the owner's, as an editor's, as a viewer's. Nothing for what is no key. */
export function addressesOf(key: string): readonly RoomAddress[] {
  // One spelling for each key: the last character holds two bits only.
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== key) return [];
  const [second, third, fourth] = [lesser(key), lesser(lesser(key)), lesser(lesser(lesser(key)))];
  return [
    { role: 'owner', edit: second, view: third, id: fourth },
    { role: 'editor', edit: key, view: second, id: third },
    { role: 'viewer', edit: undefined, view: key, id: second },
  ];
}
