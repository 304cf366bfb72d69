import { CLOSE, type HelloMessage, type Role } from '@underpaint/shared';
import { LRUCache } from 'lru-cache';
import type { CanvasOptions } from '../canvas.js';
import type { Guard } from '../guard.js';
import type { Conversation, Participant } from '../participant.js';
import type { Refusal, RoomEntrance } from '../session.js';
import { TokenBucket } from '../token-bucket.js';
import { addressesOf, createOwnerKey, type RoomAddress } from './address.js';
import { Room } from './room.js';
import type { RoomRecord, RoomStore } from './room-store.js';

export interface RoomsOptions {
  readonly canvas: CanvasOptions;
  /** Where rooms are kept that nobody is in. */
  readonly store: RoomStore;
  /** Rooms at the most, those that sleep included. */
  readonly maxRooms: number;
  /** Rooms that one address may make in an hour. */
  readonly maxRoomsPerHour: number;
  readonly maxDocBytes: number;
  readonly guard: Guard;
  readonly now: () => number;
}

/** The keys of a room that was made. */
export interface RoomKeys {
  readonly owner: string;
  readonly edit: string;
  readonly view: string;
}

const RANKS: readonly Role[] = ['viewer', 'editor', 'owner'];
const HOUR_S = 3_600;
const MAX_ADDRESSES = 10_000;
/** A crash costs so much of a drawing at the most; whose authors have it, and bring it back. */
const SAVE_EVERY_MS = 5_000;
/** Who loads the page again finds the room awake: to wake one costs what all its drawing does. */
const STAY_AWAKE_MS = 30_000;
const NO_SUCH_ROOM: Refusal = { code: CLOSE.noSuchRoom, reason: 'there is no such room' };

/** All rooms of a server: those somebody is in, and those that sleep. */
export class Rooms implements RoomEntrance {
  readonly #options: RoomsOptions;
  readonly #awake = new Map<string, Room>();
  /** When those that were just left go to sleep. */
  readonly #left = new Map<string, NodeJS.Timeout>();
  readonly #creators = new LRUCache<string, TokenBucket>({ max: MAX_ADDRESSES });
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoomsOptions) {
    this.#options = options;
    if (options.store.isDurable) this.#timer = setInterval(() => this.#saveChanged(), SAVE_EVERY_MS);
  }

  /** Makes a room, whose keys only the caller knows; undefined when that address or all have too many. */
  create(address: string): RoomKeys | undefined {
    const owner = createOwnerKey();
    const [{ id, edit, view }] = addressesOf(owner) as [RoomAddress];
    return this.#make(id, address) ? { owner, edit: edit!, view } : undefined;
  }

  /** Rooms that somebody is in. */
  get size(): number {
    return this.#awake.size - this.#left.size;
  }

  // ── as the entrance ───────────────────────────────────────────────────────────────────────────────────────────────

  prepare({ room: key = '', role, doc }: HelloMessage, address: string): Refusal | undefined {
    if (doc === undefined) return { code: CLOSE.protocolError, reason: 'hello.doc must be there with hello.room' };
    if (role !== undefined && !RANKS.includes(role as Role)) {
      return { code: CLOSE.protocolError, reason: `hello.role must be one of ${RANKS.join(', ')}` };
    }
    if (this.#find(key)) return undefined;
    const [asOwner] = addressesOf(key);
    if (role !== 'owner' || !asOwner) return NO_SUCH_ROOM;
    if (this.#make(asOwner.id, address)) return undefined;
    return { code: CLOSE.policy, reason: 'there are too many rooms, or too many of this address' };
  }

  isAwake(key: string): boolean {
    return addressesOf(key).some(({ id }) => (this.#awake.get(id)?.size ?? 0) > 0);
  }

  enter({ room: key = '', role = 'owner', doc = 0 }: HelloMessage, conversation: Conversation): Participant | Refusal {
    const found = this.#find(key);
    const room = found && this.#wake(found.id);
    if (!room) return NO_SUCH_ROOM;
    // It may be the client's own last connection, which is not known to be dead yet.
    if (room.hasClient(doc)) return { code: CLOSE.tryAgainLater, reason: `somebody draws as ${doc} in this room` };
    return room.createMember(lesserOf(found, role as Role), doc, conversation);
  }

  /** Saves what changed, those that somebody is in included; resolves when it is safe. */
  async save(): Promise<void> {
    if (this.#options.store.isDurable) this.#saveChanged();
    await this.#options.store.flush();
  }

  /** Resolves when every room is safe. Nobody may be in one any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const timer of this.#left.values()) clearTimeout(timer);
    await this.#options.store.close();
  }

  /** What a key opens of the rooms there are. */
  #find(key: string): RoomAddress | undefined {
    return addressesOf(key).find(({ id }) => this.#awake.has(id) || this.#options.store.has(id));
  }

  #wake(id: string): Room | undefined {
    clearTimeout(this.#left.get(id));
    this.#left.delete(id);
    const awake = this.#awake.get(id);
    if (awake) return awake;
    const record = this.#options.store.load(id);
    if (!record) return undefined;
    const room = this.#createRoom(id, record);
    this.#awake.set(id, room);
    return room;
  }

  #make(id: string, address: string): boolean {
    const { maxRooms, store } = this.#options;
    // A room that somebody is in has its place where it is kept, too.
    if (store.size >= maxRooms || !this.#creatorOf(address).take(1)) return false;
    store.save(id, this.#createRoom(id).takeRecord());
    return true;
  }

  #createRoom(id: string, saved?: RoomRecord): Room {
    const { canvas, maxDocBytes, guard, now } = this.#options;
    return new Room({ canvas, maxDocBytes, guard, now, onEmpty: (room) => this.#roomOnEmpty(id, room) }, saved);
  }

  #roomOnEmpty(id: string, room: Room): void {
    const { store } = this.#options;
    if (room.isUnsaved || !store.touch(id)) store.save(id, room.takeRecord());
    const sleep = () => {
      this.#left.delete(id);
      this.#awake.delete(id);
    };
    this.#left.set(id, setTimeout(sleep, STAY_AWAKE_MS).unref());
  }

  #saveChanged(): void {
    const { store, guard } = this.#options;
    for (const [id, room] of this.#awake) {
      if (room.isUnsaved)
        guard(
          'room',
          () => store.save(id, room.takeRecord()),
          () => room.end(),
        );
    }
  }

  #creatorOf(address: string): TokenBucket {
    const known = this.#creators.get(address);
    if (known) return known;
    const { maxRoomsPerHour, now } = this.#options;
    const bucket = new TokenBucket({ perSecond: maxRoomsPerHour / HOUR_S, capacity: maxRoomsPerHour, now });
    this.#creators.set(address, bucket);
    return bucket;
  }
}

/** What a member is who has one key and asks for no more than a role. */
function lesserOf(address: RoomAddress, asked: Role): RoomAddress {
  const role = RANKS[Math.min(RANKS.indexOf(address.role), RANKS.indexOf(asked))]!;
  return { ...address, role, edit: role === 'viewer' ? undefined : address.edit };
}
