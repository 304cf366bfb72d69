import { encodeMessage, type HelloMessage } from '@underpaint/shared';
import * as Y from 'yjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGuard } from '../../../../server/src/guard.js';
import type { Participant } from '../../../../server/src/session/participant.js';
import { addressesOf, type RoomAddress } from '../../../../server/src/rooms/address.js';
import { MAX_PARTS } from '../../../../server/src/rooms/drawing/drawing.js';
import { MemoryStore } from '../../../../server/src/rooms/stores/memory-store.js';
import { Rooms, type RoomKeys, type TooMany } from '../../../../server/src/rooms/rooms.js';
import { canvasOptions, rendered } from '../../../helpers/fakes.js';
import { presence } from '../../../helpers/room-client.js';
import { TestChannel } from '../../../helpers/test-channel.js';

const HOUR_MS = 3_600_000;

let store: MemoryStore;
let rooms: Rooms;
let nextClient = 1;
let faults: string[];
const guard = createGuard({
  log: { error: () => undefined },
  faults: { inc: ({ where }: { where: string }) => void faults.push(where) } as never,
});
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  faults = [];
  const now = () => Date.now();
  store = new MemoryStore({ ttlMs: HOUR_MS, now });
  const limits = { maxRooms: 16, maxRoomsPerHour: 3, maxDocBytes: 1_000 };
  rooms = new Rooms({ canvas: canvasOptions(now), store, ...limits, guard, now });
});
afterEach(async () => {
  await rooms.close();
  vi.useRealTimers();
});

function keysOf(made: RoomKeys | TooMany): RoomKeys {
  if ('retryAfterS' in made) throw new Error('there are too many rooms');
  return made;
}

function enter(
  hello: Omit<HelloMessage, 'type'>,
  channel = new TestChannel(),
): { member: Participant; channel: TestChannel } {
  const member = rooms.enter({ type: 'hello', doc: nextClient++, ...hello }, channel);
  if ('reason' in member) throw new Error(member.reason);
  member.enter();
  return { member, channel };
}

describe('making rooms', () => {
  it('is limited for each address, and comes back with time', () => {
    const make = (address: string) => !('retryAfterS' in rooms.create(address));
    expect([1, 2, 3, 4].map(() => make('a'))).toEqual([true, true, true, false]);
    expect(make('b')).toBe(true);
    vi.advanceTimersByTime(HOUR_MS / 3);
    expect(make('a')).toBe(true);
  });

  it('is limited in all', () => {
    const made = Array.from({ length: 20 }, (_, i) => rooms.create(`${i}`));
    expect(made.at(-1)).toEqual({ retryAfterS: 3_600 });
    expect(made.filter((keys) => 'owner' in keys)).toHaveLength(16);
  });
});

describe('the places for rooms', () => {
  it("are a quarter one address's at the most, and free again when nobody drew in a room for an hour", () => {
    // Three an hour: the fourth takes the quarter, there is none for the fifth.
    const made = Array.from({ length: 6 }, () => {
      vi.advanceTimersByTime(HOUR_MS / 6);
      return rooms.create('a');
    });
    expect(made.map((keys) => 'owner' in keys)).toEqual([true, true, true, true, false, false]);
    expect(made.at(-1)).toEqual({ retryAfterS: 3_600 });
    expect('owner' in rooms.create('b')).toBe(true);
    vi.advanceTimersByTime(2 * HOUR_MS);
    expect(store.size).toBe(0);
    expect('owner' in rooms.create('a')).toBe(true);
  });

  it('say when to try again', () => {
    for (let i = 0; i < 3; i++) rooms.create('a');
    expect(rooms.create('a')).toEqual({ retryAfterS: 1_200 });
  });
});

describe('the number one draws under', () => {
  const tryWith = (room: string, doc: number) => rooms.enter({ type: 'hello', room, doc }, new TestChannel());
  const mark = (client: number) => {
    const doc = new Y.Doc();
    doc.clientID = client;
    doc.getArray('marks').push([Uint8Array.of(1)]);
    return Y.encodeStateAsUpdate(doc);
  };

  it("is not a viewer's while the one who draws under it is away", () => {
    const { owner, view } = keysOf(rooms.create('a'));
    const { member } = enter({ room: owner, doc: 7 });
    const other = enter({ room: view, doc: 8 });
    member.leave();
    expect(tryWith(view, 7)).toMatchObject({ code: 1013 });
    expect(tryWith(owner, 7)).not.toHaveProperty('reason');
    other.member.leave();
  });

  it("is not a viewer's where it is in the drawing, when the room has slept", () => {
    const { owner, view } = keysOf(rooms.create('a'));
    const { member } = enter({ room: owner, doc: 7 });
    member.handleRoomMessage({ type: 'doc', kind: 'update', data: mark(7) });
    member.leave();
    vi.advanceTimersByTime(60_000);
    expect(tryWith(view, 7)).toMatchObject({ code: 1013 });
    expect(tryWith(view, 8)).not.toHaveProperty('reason');
  });

  it('is taken back from one below', () => {
    const { owner, edit } = keysOf(rooms.create('a'));
    const { channel } = enter({ room: edit, doc: 7 });
    expect(tryWith(edit, 7)).toMatchObject({ code: 1013 });
    expect(channel.closed).toBeUndefined();
    expect(tryWith(owner, 7)).not.toHaveProperty('reason');
    expect(channel.closed?.code).toBe(1013);
  });
});

describe('what others change', () => {
  it('is told a slow viewer in one, however often it changes', () => {
    const { owner, view } = keysOf(rooms.create('a'));
    const [{ member, channel }, viewer] = [enter({ room: owner }), enter({ room: view })];
    const told = (type: string) => viewer.channel.sent.filter((message) => message.type === type);
    const before = told('role').length;
    viewer.channel.sendBulk = (message) => viewer.channel.send(message);
    for (let i = 1; i <= 300; i++) {
      member.handleParams({ seed: i });
      member.handleRoomMessage({ type: 'role', locked: i % 2 === 0 });
      vi.advanceTimersByTime(30);
    }
    expect(channel.sent.filter(({ type }) => type === 'params')).toHaveLength(300);
    expect(told('params').length + told('role').length - before).toBe(1);
    viewer.member.leave();
    member.leave();
  });

  it('is told one who keeps up 20 times a second, and the last of it', () => {
    const { owner, view } = keysOf(rooms.create('a'));
    const [{ member }, viewer] = [enter({ room: owner }), enter({ room: view })];
    viewer.channel.sendBulk = (message, onFlushed) => {
      viewer.channel.send(message);
      setTimeout(onFlushed, 1);
    };
    for (let i = 1; i <= 90; i++) {
      member.handleParams({ seed: i });
      vi.advanceTimersByTime(11);
    }
    vi.advanceTimersByTime(100);
    const told = viewer.channel.sent.filter((message) => message.type === 'params');
    expect(told.length).toBeGreaterThan(15);
    expect(told.length).toBeLessThan(23);
    expect(told.at(-1)).toMatchObject({ params: { seed: 90 }, member: member.room!.member });
    viewer.member.leave();
    member.leave();
  });
});

describe('asking for the drawing', () => {
  const vector = (data: Uint8Array) => ({ type: 'doc', kind: 'vector', data }) as const;

  it('again and again closes', () => {
    const { owner } = keysOf(rooms.create('a'));
    const { member, channel } = enter({ room: owner });
    for (let i = 0; i < 10; i++) member.handleRoomMessage(vector(Uint8Array.of(0)));
    expect(channel.closed).toBeUndefined();
    member.handleRoomMessage(vector(Uint8Array.of(0)));
    expect(channel.closed?.code).toBe(1008);
    member.leave();
  });

  it('with more authors than a drawing can have closes', () => {
    const { owner } = keysOf(rooms.create('a'));
    const { member, channel } = enter({ room: owner });
    const authors = new Map(Array.from({ length: MAX_PARTS + 1 }, (_, client) => [client, 1]));
    member.handleRoomMessage(vector(Y.encodeStateVector(authors)));
    expect(channel.closed?.code).toBe(4000);
    member.leave();
  });
});

it('a room whose drawing cannot be loaded is set aside, and nothing is thrown', () => {
  const { owner } = keysOf(rooms.create('a'));
  const [{ id }] = addressesOf(owner) as [RoomAddress];
  store.save(id, { doc: Uint8Array.of(1, 2, 3), params: {}, isLocked: false, image: undefined });
  const channel = new TestChannel();
  expect(rooms.enter({ type: 'hello', room: owner, doc: 1 }, channel)).toMatchObject({ code: 4004 });
  expect(store.has(id)).toBe(false);
});

it('a room that was left falls asleep, and wakes with its words, its lock and its picture', () => {
  const { owner, view } = keysOf(rooms.create('a'));
  const { member } = enter({ room: owner });
  member.handleParams({ prompt: 'a lake' });
  member.handleRoomMessage({ type: 'role', locked: true });
  member.handleFrame({ type: 'frame', seq: 1, data: Uint8Array.of(1) });
  member.canvas.deliver(member.canvas.take()!, rendered(7));
  member.leave();
  expect(rooms.size).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(1);
  const again = enter({ room: view });
  expect(again.member.canvas).not.toBe(member.canvas);
  expect(again.member.canvas.params.prompt).toBe('a lake');
  expect(again.channel.sent).toMatchObject([{ type: 'role', locked: true }, { type: 'member' }]);
  expect(again.channel.images).toMatchObject([{ seq: 0, final: true }]);
  expect([...again.channel.images[0]!.data]).toEqual([...rendered(7).data]);
  again.member.leave();
});

it('one who loads the page again finds the room awake', () => {
  const { owner } = keysOf(rooms.create('a'));
  const { member } = enter({ room: owner });
  member.leave();
  vi.advanceTimersByTime(10_000);
  const again = enter({ room: owner });
  expect(again.member.canvas).toBe(member.canvas);
  vi.advanceTimersByTime(60_000);
  expect(rooms.isAwake(owner)).toBe(true);
  again.member.leave();
  expect(rooms.isAwake(owner)).toBe(false);
});

it('costs one share of the device, whoever is in it', () => {
  const { owner, edit } = keysOf(rooms.create('a'));
  const members = [owner, edit, edit, edit].map((room) => enter({ room }).member);
  expect(members.map(({ share }) => share)).toEqual([0.25, 0.25, 0.25, 0.25]);
  for (const member of members) member.leave();
});

/** A channel that sends no control messages: to encode them for a thousand members takes long. */
const deaf = () => Object.assign(new TestChannel(), { send: () => undefined });

it('tells many members of each other in messages that can be read', () => {
  const { owner, view } = keysOf(rooms.create('a'));
  const members = Array.from({ length: 1_200 }, () => enter({ room: view }, deaf()).member);
  const { member, channel } = enter({ room: owner });
  const here = channel.sent.filter((message) => message.type === 'member');
  expect(here.flatMap((message) => message.members)).toHaveLength(1_201);
  for (const message of here) expect(encodeMessage(message).length).toBeLessThan(100_000);
  for (const one of [member, ...members]) one.leave();
});

it('lets a room sleep again that was loaded for a client that then left', async () => {
  const { owner } = keysOf(rooms.create('a'));
  const load = vi.spyOn(store, 'load');
  await rooms.load({ type: 'hello', room: owner });
  await rooms.load({ type: 'hello', room: owner });
  expect([load.mock.calls.length, rooms.size]).toEqual([1, 0]);
  vi.advanceTimersByTime(60_000);
  await rooms.load({ type: 'hello', room: owner });
  expect(load).toHaveBeenCalledTimes(2);
});

it('asks for a frame of the drawing, but not while somebody presents, nor of a viewer', () => {
  const { owner, view } = keysOf(rooms.create('a'));
  const [viewer, { member, channel }] = [enter({ room: view }), enter({ room: owner })];
  const asked = () => [viewer.channel, channel].map(({ sent }) => sent.filter(({ type }) => type === 'upload').length);
  for (const one of [viewer.member, member]) {
    one.handleRoomMessage({ type: 'doc', kind: 'vector', data: Uint8Array.of(0) });
  }
  expect(asked()).toEqual([0, 1]);
  member.handleRoomMessage({ type: 'role', presenter: member.room!.member });
  vi.advanceTimersByTime(10_000);
  expect(asked()).toEqual([0, 1]);
  member.handleRoomMessage({ type: 'role', presenter: null });
  expect(asked()).toEqual([0, 2]);
  for (const one of [viewer.member, member]) one.leave();
});

it('a throw in a timer of a room closes the connections to that room, and to no other', async () => {
  const [broken, whole] = [rooms.create('a') as RoomKeys, rooms.create('b') as RoomKeys];
  const members = [enter({ room: broken.owner }), enter({ room: broken.edit }), enter({ room: whole.owner })];
  const client = nextClient - 3;
  const data = presence(client, 1, { name: 'Heron' });
  const say = () => members[0]!.member.handleRoomMessage({ type: 'presence', data });
  say();
  await vi.advanceTimersByTimeAsync(10);
  members[1]!.channel.sendBulk = () => {
    throw new Error('broken');
  };
  say();
  vi.advanceTimersByTime(1_000);
  expect(members.map(({ channel }) => channel.closed?.code)).toEqual([1011, 1011, undefined]);
  expect(faults).toEqual(['room']);
  for (const { member } of members) member.leave();
});
