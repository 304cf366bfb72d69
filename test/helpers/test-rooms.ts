import type { HelloMessage } from '@underpaint/shared';
import { OPEN_GRANT } from '../../server/src/access/grant.js';
import { NO_AUDIT } from '../../server/src/audit.js';
import type { RoomLeases } from '../../server/src/rooms/leases.js';
import { Rooms, type RoomKeys } from '../../server/src/rooms/rooms.js';
import { MemoryStore } from '../../server/src/rooms/stores/memory-store.js';
import type { RoomStore } from '../../server/src/rooms/stores/room-store.js';
import type { Participant, Rejection } from '../../server/src/session/participant.js';
import { canvasOptions, recordFaults } from './fakes.js';
import { TestChannel } from './test-channel.js';

export const HOUR_MS = 3_600_000;

export interface TestMember {
  readonly member: Participant;
  readonly channel: TestChannel;
}

type Hello = Omit<HelloMessage, 'type'> & { readonly room: string };

/** The rooms of a server with 16 of them, three an hour for each address, on vitest's fake timers. */
export class TestRooms {
  readonly store: RoomStore;
  readonly rooms: Rooms;
  /** Where something threw. */
  readonly faults: readonly string[];
  #nextAuthor = 100;

  constructor(store: RoomStore = new MemoryStore({ ttlMs: HOUR_MS, now: () => Date.now() }), leases?: RoomLeases) {
    const now = () => Date.now();
    const { guard, faults } = recordFaults();
    this.faults = faults;
    this.store = store;
    const limits = { maxRooms: 16, maxRoomsPerHour: 3, maxDrawingBytes: 1_000 };
    const options = { canvas: canvasOptions(now), store, leases, ...limits, audit: NO_AUDIT, guard, now };
    this.rooms = new Rooms(options);
  }

  create(address = 'a'): RoomKeys {
    const keys = this.rooms.create({ address, grant: OPEN_GRANT });
    if ('retryAfterS' in keys) throw new Error('there are too many rooms');
    return keys;
  }

  /** Loads a room and asks for a member of it, which has yet to join. */
  request(hello: Hello): Promise<Participant | Rejection> {
    return this.#request({ type: 'hello', author: this.#nextAuthor++, ...hello }, new TestChannel());
  }

  /** Loads a room, and joins at once as a session does. */
  async enter(hello: Hello, channel = new TestChannel()): Promise<TestMember> {
    const message = { type: 'hello', author: this.#nextAuthor++, ...hello } as const;
    const member = (await this.rooms.load(message)) ?? this.rooms.enter(message, channel);
    if ('reason' in member) throw new Error(member.reason);
    member.enter();
    return { member, channel };
  }

  load(room: string): Promise<Rejection | undefined> {
    return this.rooms.load({ type: 'hello', room });
  }

  async #request(message: HelloMessage, channel: TestChannel): Promise<Participant | Rejection> {
    return (await this.rooms.load(message)) ?? this.rooms.enter(message, channel);
  }
}
