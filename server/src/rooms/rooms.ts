import { CLOSE, type HelloMessage, type Role } from '@underpaint/shared';
import { LRUCache } from 'lru-cache';
import type { CanvasOptions } from '../canvas/canvas.js';
import type { Guard } from '../guard.js';
import type { Channel } from '../session/channel.js';
import type { Participant, Rejection, RoomEntrance } from '../session/participant.js';
import { TokenBucket } from '../token-bucket.js';
import { addressesOf, createOwnerKey, type RoomAddress } from './address.js';
import { Room } from './room.js';
import { DrawingError } from './drawing/drawing.js';
import type { RoomRecord, RoomStore } from './stores/room-store.js';

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

/** There are too many rooms, or too many of one address. */
export interface TooMany {
  readonly retryAfterS: number;
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
/** Of all places for rooms, what the rooms of one address may take. */
const SHARE = 1 / 4;
/** Rooms that somebody is in are marked as used so often. */
const TOUCH_EVERY_MS = 600_000;
/** A crash costs so much of a drawing at the most; whose authors have it, and bring it back. */
const SAVE_EVERY_MS = 5_000;
/** Who loads the page again finds the room awake: to wake one costs what all its drawing does. */
const STAY_AWAKE_MS = 30_000;
const NO_SUCH_ROOM: Rejection = { code: CLOSE.noSuchRoom, reason: 'there is no such room' };
const UNREADABLE: Rejection = { code: CLOSE.tryAgainLater, reason: 'the room cannot be read at the moment' };

/** An address that makes rooms. */
interface Creator {
  readonly pace: TokenBucket;
  /** Those it made, as long as they are kept. */
  readonly rooms: Set<string>;
}

/** All rooms of a server: those somebody is in, and those that sleep. */
export class Rooms implements RoomEntrance {
  readonly #options: RoomsOptions;
  readonly #awake = new Map<string, Room>();
  /** When those that were just left go to sleep. */
  readonly #left = new Map<string, NodeJS.Timeout>();
  readonly #creators = new LRUCache<string, Creator>({ max: MAX_ADDRESSES });
  #timer: NodeJS.Timeout | undefined;
  #touchedMs: number;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#touchedMs = options.now();
    if (options.store.isDurable) this.#timer = setInterval(() => this.#saveChanged(), SAVE_EVERY_MS);
  }

  /** Makes a room, whose keys only the caller knows. */
  create(address: string): RoomKeys | TooMany {
    const owner = createOwnerKey();
    const [{ id, edit, view }] = addressesOf(owner) as [RoomAddress];
    return this.#make(id, address) ?? { owner, edit: edit!, view };
  }

  /** Rooms whose last save has failed so far. */
  get unsafe(): number {
    return this.#options.store.unsafe.size;
  }

  /** Rooms that somebody is in. */
  get size(): number {
    return this.#awake.size - this.#left.size;
  }

  // ── as the entrance ───────────────────────────────────────────────────────────────────────────────────────────────

  async prepare({ room: key = '', role, doc }: HelloMessage, address: string): Promise<Rejection | undefined> {
    if (doc === undefined) return { code: CLOSE.protocolError, reason: 'hello.doc must be there with hello.room' };
    if (role !== undefined && !RANKS.includes(role as Role)) {
      return { code: CLOSE.protocolError, reason: `hello.role must be one of ${RANKS.join(', ')}` };
    }
    if (this.#find(key)) return undefined;
    const [asOwner] = addressesOf(key);
    if (role !== 'owner' || !asOwner) return NO_SUCH_ROOM;
    if (!this.#make(asOwner.id, address)) return undefined;
    return { code: CLOSE.policy, reason: 'there are too many rooms, or too many of this address' };
  }

  isAwake(key: string): boolean {
    return addressesOf(key).some(({ id }) => (this.#awake.get(id)?.size ?? 0) > 0);
  }

  async load({ room: key = '' }: HelloMessage): Promise<Rejection | undefined> {
    const found = this.#find(key);
    if (!found) return NO_SUCH_ROOM;
    const room = this.#wake(found.id);
    if ('reason' in room) return room;
    // The client may have left when it is loaded.
    if (room.size === 0) this.#sleepLater(found.id);
    return undefined;
  }

  enter({ room: key = '', role = 'owner', doc = 0 }: HelloMessage, channel: Channel): Participant | Rejection {
    const found = this.#find(key);
    if (!found) return NO_SUCH_ROOM;
    const room = this.#wake(found.id);
    if ('reason' in room) return room;
    const address = lesserOf(found, role as Role);
    // It may be the client's own last connection, which is not known to be dead yet.
    if (room.claimNumber(doc, address.role)) return room.createMember(address, doc, channel);
    return { code: CLOSE.tryAgainLater, reason: `somebody draws as ${doc} in this room` };
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

  #wake(id: string): Room | Rejection {
    const awake = this.#awake.get(id);
    if (awake) {
      clearTimeout(this.#left.get(id));
      this.#left.delete(id);
      return awake;
    }
    const { store } = this.#options;
    const record = store.load(id);
    if (record === undefined) return NO_SUCH_ROOM;
    if (record === 'unreadable') return UNREADABLE;
    try {
      const room = this.#createRoom(id, record);
      this.#awake.set(id, room);
      return room;
    } catch (error) {
      if (!(error instanceof DrawingError)) throw error;
      store.setAside(id, error.message);
      return NO_SUCH_ROOM;
    }
  }

  #make(id: string, address: string): TooMany | undefined {
    const { maxRooms, store } = this.#options;
    const creator = this.#creatorOf(address);
    for (const made of creator.rooms) if (!store.has(made) && !this.#awake.has(made)) creator.rooms.delete(made);
    // A room that somebody is in has its place where it is kept, too.
    const hasPlace = store.size < maxRooms && creator.rooms.size < Math.ceil(maxRooms * SHARE);
    // Places become free when rooms in which nobody drew are forgotten.
    if (!hasPlace) return { retryAfterS: HOUR_S };
    if (!creator.pace.take(1)) return { retryAfterS: Math.ceil(creator.pace.waitMs(1) / 1_000) };
    creator.rooms.add(id);
    store.save(id, this.#createRoom(id).takeRecord(), address);
    return undefined;
  }

  #createRoom(id: string, saved?: RoomRecord): Room {
    const { canvas, maxDocBytes, guard, now } = this.#options;
    return new Room({ canvas, maxDocBytes, guard, now, onEmpty: (room) => this.#roomOnEmpty(id, room) }, saved);
  }

  #roomOnEmpty(id: string, room: Room): void {
    const { store } = this.#options;
    if (room.isUnsaved || !store.touch(id)) store.save(id, room.takeRecord());
    this.#sleepLater(id);
  }

  #sleepLater(id: string): void {
    const sleep = () => {
      this.#left.delete(id);
      this.#awake.delete(id);
    };
    this.#left.set(id, setTimeout(sleep, STAY_AWAKE_MS).unref());
  }

  #saveChanged(): void {
    const { now, guard } = this.#options;
    const isTouchDue = now() - this.#touchedMs >= TOUCH_EVERY_MS;
    if (isTouchDue) this.#touchedMs = now();
    for (const [id, room] of this.#awake) {
      guard(
        'room',
        () => this.#save(id, room, isTouchDue),
        () => room.end(),
      );
    }
  }

  #save(id: string, room: Room, isTouchDue: boolean): void {
    const { store } = this.#options;
    if (room.isUnsaved) store.save(id, room.takeRecord());
    else if (isTouchDue && room.size > 0) store.touch(id);
    room.tellSafe(!store.unsafe.has(id));
  }

  #creatorOf(address: string): Creator {
    const known = this.#creators.get(address);
    if (known) return known;
    const { maxRoomsPerHour, now } = this.#options;
    const pace = new TokenBucket({ perSecond: maxRoomsPerHour / HOUR_S, capacity: maxRoomsPerHour, now });
    const creator = { pace, rooms: new Set<string>() };
    this.#creators.set(address, creator);
    return creator;
  }
}

/** What a member is who has one key and asks for no more than a role. */
function lesserOf(address: RoomAddress, asked: Role): RoomAddress {
  const role = RANKS[Math.min(RANKS.indexOf(address.role), RANKS.indexOf(asked))]!;
  return { ...address, role, edit: role === 'viewer' ? undefined : address.edit };
}
