import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@underpaint/shared';
import { lowerOf } from './roles.js';

/*
 * The keys of a room. The owner has 128 random bits; the key that lets others draw is the hash of those, and the key that
 * lets them watch is the hash of that. Each key gives the lesser ones, and none gives a greater. One more hash is the id of
 * the room, so that nobody learns a key from the server's files.
 */

/** The access that a key gives, if the room exists. */
export interface RoomAddress {
  /** The name of the room in the store. */
  readonly id: string;
  readonly role: Role;
  /** The key that lets others draw; undefined for viewers. */
  readonly edit: string | undefined;
  /** The key that lets others watch. */
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

/** What a key may give access to: as the owner's, as an editor's, as a viewer's. Empty if it is not a key. */
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

/** The same access with no more than a role. */
export function withRole(address: RoomAddress, most: Role): RoomAddress {
  const role = lowerOf(address.role, most);
  return { ...address, role, edit: role === 'viewer' ? undefined : address.edit };
}
