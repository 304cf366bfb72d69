import { CLOSE, type HelloMessage } from '@underpaint/shared';
import { addressBlock } from '../access/address-block.js';
import { mayEnter } from '../access/grant.js';
import type { Audit } from '../audit.js';
import type { CanvasOptions } from '../canvas/canvas.js';
import type { Guard } from '../guard.js';
import type { Channel } from '../session/channel.js';
import type { Creator, Participant, Rejection, RoomEntrance } from '../session/participant.js';
import { addressesOf, createOwnerKey, withRole, type RoomAddress } from './address.js';
import { AwakeRooms, type LoadFailure } from './awake-rooms.js';
import { Creators, type TooMany } from './creators.js';
import { passOf } from './door.js';
import { DrawingError } from './drawing/drawing.js';
import type { RoomLeases } from './leases.js';
import { Room } from './room.js';
import { RoomSaver } from './room-saver.js';
import type { RoomRecord, RoomStore } from './stores/room-store.js';

export interface RoomsOptions {
  readonly canvas: CanvasOptions;
  /** Where rooms are kept while nobody is in them. */
  readonly store: RoomStore;
  /** Most rooms, those that nobody is in included. */
  readonly maxRooms: number;
  /** Which server has which room, where several share the store. */
  readonly leases?: RoomLeases | undefined;
  /** Rooms that one address may create in an hour. */
  readonly maxRoomsPerHour: number;
  readonly maxDrawingBytes: number;
  readonly audit: Audit;
  readonly guard: Guard;
  readonly now: () => number;
}

/** The keys of a new room. */
export interface RoomKeys {
  /** Names the room in tokens and logs, and opens nothing. */
  readonly id: string;
  readonly owner: string;
  readonly edit: string;
  readonly view: string;
}

const REJECTIONS: Readonly<Record<LoadFailure | 'forbidden', Rejection>> = {
  forbidden: { code: CLOSE.notAuthorised, reason: 'the token does not allow this room' },
  missing: { code: CLOSE.noSuchRoom, reason: 'there is no such room' },
  unreadable: { code: CLOSE.tryAgainLater, reason: 'the room cannot be read at the moment' },
  elsewhere: { code: CLOSE.tryAgainLater, reason: 'the room is open on another server' },
};

/** All rooms of a server: those somebody is in, and those in the store. */
export class Rooms implements RoomEntrance {
  readonly #options: RoomsOptions;
  readonly #awake: AwakeRooms;
  readonly #creators: Creators;
  readonly #saver: RoomSaver;

  constructor(options: RoomsOptions) {
    const { maxRooms, maxRoomsPerHour, store, leases, guard, now } = options;
    this.#options = options;
    this.#awake = new AwakeRooms(
      (id) => this.#load(id),
      (id) => this.#release(id),
    );
    leases?.onLost((id) =>
      guard(
        'rooms',
        () => this.#handleLost(id),
        () => undefined,
      ),
    );
    this.#creators = new Creators({ maxRooms, maxRoomsPerHour, exists: (id) => this.#exists(id), now });
    this.#saver = new RoomSaver({ awake: this.#awake, store, guard, now });
  }

  /** Creates a room. Only the caller knows its keys. */
  create(by: Creator): RoomKeys | TooMany {
    const owner = createOwnerKey();
    const [{ id, edit, view }] = addressesOf(owner) as [RoomAddress];
    return this.#make(id, by) ?? { id, owner, edit: edit!, view };
  }

  /** Rooms whose last save has failed so far. */
  get unsafe(): number {
    return this.#options.store.unsafe.size;
  }

  /** Rooms that somebody is in. */
  get size(): number {
    return this.#awake.occupied;
  }

  // ── entering ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async prepare({ room: key = '', role, author }: HelloMessage, by: Creator): Promise<Rejection | undefined> {
    if (author === undefined) return { code: CLOSE.protocolError, reason: 'hello.room needs hello.author' };
    let found = this.#find(key);
    try {
      found ??= await this.#lookFor(key);
    } catch {
      return REJECTIONS.unreadable;
    }
    if (found) return mayEnter(by.grant, found.id, found.role === 'owner') ? undefined : REJECTIONS.forbidden;
    const [asOwner] = addressesOf(key);
    if (role !== 'owner' || !asOwner) return REJECTIONS.missing;
    if (!by.grant.mayMakeRooms) return { code: CLOSE.notAuthorised, reason: 'the token does not allow to make rooms' };
    if (!this.#make(asOwner.id, by)) return undefined;
    return { code: CLOSE.policy, reason: 'there are too many rooms, or too many of this address' };
  }

  /** The server that has the room in a hello; undefined for this one, which then has it, or if there is no such room. */
  async ownerOf({ room: key = '' }: HelloMessage): Promise<string | undefined> {
    const found = this.#find(key) ?? (await this.#lookFor(key));
    return found && this.#options.leases?.take(found.id);
  }

  isAwake(key: string): boolean {
    return addressesOf(key).some(({ id }) => (this.#awake.get(id)?.size ?? 0) > 0);
  }

  async load({ room: key = '' }: HelloMessage): Promise<Rejection | undefined> {
    const found = this.#find(key);
    const failure = found ? await this.#awake.load(found.id) : 'missing';
    return failure && REJECTIONS[failure];
  }

  enter(hello: HelloMessage, channel: Channel): Participant | Rejection {
    const { room: key = '', role = 'owner', author = 0 } = hello;
    const found = this.#find(key);
    if (!found) return REJECTIONS.missing;
    const room = this.#awake.get(found.id);
    if (!room) return REJECTIONS.unreadable;
    const address = withRole(found, role);
    const pass = passOf(hello.pass);
    if (!room.door.lets(address.role, pass)) {
      return { code: CLOSE.roomClosed, reason: 'the owner lets nobody new into this room' };
    }
    // The holder may be this client's own last connection, before the server noticed that it is dead.
    if (!room.freeNumber(author, address.role)) {
      return { code: CLOSE.tryAgainLater, reason: `somebody draws as ${author} in this room` };
    }
    this.#awake.keep(found.id);
    return room.createMember(address, { author, pass, channel });
  }

  /**
   * Ends a room for good: everybody is sent away, and nobody enters it again.
   *
   * @returns undefined if there is no such room here
   */
  async remove(id: string): Promise<'removed' | 'elsewhere' | undefined> {
    const { store, leases } = this.#options;
    if (!this.#exists(id)) return undefined;
    if (leases && (await leases.take(id)) !== undefined) return 'elsewhere';
    const room = this.#awake.get(id);
    this.#awake.drop(id);
    store.setAside(id, 'it was closed by an operator');
    room?.end(CLOSE.removed, 'the operator of the server has closed this room');
    await leases?.release(id);
    return 'removed';
  }

  /** The access that a key gives to a room that exists. */
  #find(key: string): RoomAddress | undefined {
    return addressesOf(key).find(({ id }) => this.#exists(id));
  }

  /** The same, if another server has made the room a moment ago. */
  async #lookFor(key: string): Promise<RoomAddress | undefined> {
    await Promise.all(addressesOf(key).map(({ id }) => this.#options.store.lookFor?.(id)));
    return this.#find(key);
  }

  #exists(id: string): boolean {
    return this.#awake.has(id) || this.#options.store.has(id);
  }

  // ── loading and creating ──────────────────────────────────────────────────────────────────────────────────────────

  async #load(id: string): Promise<Room | LoadFailure> {
    const { store, leases } = this.#options;
    const refused = leases && (await this.#take(id, leases));
    if (refused) return refused;
    const record = await store.load(id);
    if (record === undefined) return 'missing';
    if (record === 'unreadable') return record;
    try {
      return this.#createRoom(id, record);
    } catch (error) {
      if (!(error instanceof DrawingError)) throw error;
      store.setAside(id, error.message);
      return 'missing';
    }
  }

  async #take(id: string, leases: RoomLeases): Promise<LoadFailure | undefined> {
    try {
      return (await leases.take(id)) === undefined ? undefined : 'elsewhere';
    } catch {
      // The broker does not answer; the log of the leases says so.
      return 'unreadable';
    }
  }

  #make(id: string, { address, grant: { subject } }: Creator): TooMany | undefined {
    const { store, audit } = this.#options;
    const by = [`address ${addressBlock(address)}`, ...(subject === undefined ? [] : [`subject ${subject}`])];
    // Rooms that somebody is in have a record in the store, too.
    const tooMany = this.#creators.register(id, by, store.size);
    if (tooMany) return tooMany;
    store.save(id, this.#createRoom(id).takeRecord(), address);
    audit('room', { room: id, what: 'made', subject, address });
    return undefined;
  }

  #createRoom(id: string, saved?: RoomRecord): Room {
    const { canvas, maxDrawingBytes, guard, now } = this.#options;
    return new Room({ canvas, maxDrawingBytes, guard, now, onEmpty: (room) => this.#roomOnEmpty(id, room) }, saved);
  }

  #roomOnEmpty(id: string, room: Room): void {
    // It is on another server.
    if (this.#awake.get(id) !== room) return;
    this.#saver.put(id, room);
    this.#awake.letSleep(id);
  }

  /** Another server may have the room as soon as it is safe. */
  #release(id: string): void {
    const { store, leases, guard } = this.#options;
    if (!leases) return;
    const release = async () => {
      await store.flush();
      if (!this.#awake.has(id) && !store.unsafe.has(id)) await leases.release(id);
    };
    guard('rooms', release, () => undefined);
  }

  /** Whether another server can take the rooms. */
  get canMove(): boolean {
    return this.#options.leases?.hasOthers ?? false;
  }

  /** Leaves the rooms to other servers, so that their members find them there: one function for each. */
  moves(): (() => void)[] {
    const { guard } = this.#options;
    const move = (id: string, room: Room) =>
      guard(
        'room',
        () => this.#move(id, room),
        () => room.end(),
      );
    return [...this.#awake].map((entry) => () => move(...entry));
  }

  #move(id: string, room: Room): void {
    if (this.#awake.get(id) !== room) return;
    this.#saver.put(id, room);
    this.#awake.drop(id);
    room.end(CLOSE.restart, 'the room moves to another server');
    this.#release(id);
  }

  /** Its members find the room where it is now, and bring what was not saved. */
  #handleLost(id: string): void {
    const room = this.#awake.get(id);
    this.#awake.drop(id);
    room?.end(CLOSE.restart, 'the room is on another server now');
  }

  // ── saving ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Saves every room that changed. Resolves when they are safe. */
  save(): Promise<void> {
    return this.#saver.saveAll();
  }

  /** Resolves when every room is safe. Call it when nobody is in a room any more. */
  async close(): Promise<void> {
    this.#saver.stop();
    this.#awake.stop();
    await this.#options.store.close();
    await this.#options.leases?.close();
  }
}
