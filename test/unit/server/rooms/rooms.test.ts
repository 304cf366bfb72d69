import { encodeMessage, type HelloMessage } from '@underpaint/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGuard } from '../../../../server/src/guard.js';
import type { Conversation, Participant } from '../../../../server/src/participant.js';
import { MemoryStore } from '../../../../server/src/rooms/memory-store.js';
import { Rooms } from '../../../../server/src/rooms/rooms.js';
import { canvasOptions, FakeWire, rendered } from '../../../helpers/fakes.js';
import { presence } from '../../../helpers/room-client.js';

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
  store = new MemoryStore({ maxRooms: 10, ttlMs: HOUR_MS });
  const limits = { maxRooms: 10, maxRoomsPerHour: 3, maxDocBytes: 1_000 };
  rooms = new Rooms({ canvas: canvasOptions(now), store, ...limits, guard, now });
});
afterEach(async () => {
  await rooms.close();
  vi.useRealTimers();
});

/** What a session would be to a room. */
class FakeConversation extends FakeWire implements Conversation {
  isWindowFull = false;
  tellDropped = () => undefined;
  tellFailed = () => undefined;
}

function enter(hello: Omit<HelloMessage, 'type' | 'doc'>): { member: Participant; wire: FakeConversation } {
  const wire = new FakeConversation();
  const member = rooms.enter({ type: 'hello', doc: nextClient++, ...hello }, wire);
  if ('reason' in member) throw new Error(member.reason);
  member.enter();
  return { member, wire };
}

describe('making rooms', () => {
  it('is limited for each address, and comes back with time', () => {
    const make = (address: string) => rooms.create(address) !== undefined;
    expect([1, 2, 3, 4].map(() => make('a'))).toEqual([true, true, true, false]);
    expect(make('b')).toBe(true);
    vi.advanceTimersByTime(HOUR_MS / 3);
    expect(make('a')).toBe(true);
  });

  it('is limited in all', () => {
    const made = Array.from({ length: 20 }, (_, i) => rooms.create(`${i}`));
    expect(made.filter(Boolean)).toHaveLength(10);
  });
});

it('a room that was left falls asleep, and wakes with its words, its lock and its picture', () => {
  const { owner, view } = rooms.create('a')!;
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
  expect(again.wire.sent).toMatchObject([{ type: 'role', locked: true }, { type: 'member' }]);
  expect(again.wire.images).toMatchObject([{ seq: 0, final: true, rendered: { data: rendered(7).data } }]);
  again.member.leave();
});

it('one who loads the page again finds the room awake', () => {
  const { owner } = rooms.create('a')!;
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
  const { owner, edit } = rooms.create('a')!;
  const members = [owner, edit, edit, edit].map((room) => enter({ room }).member);
  expect(members.map(({ share }) => share)).toEqual([0.25, 0.25, 0.25, 0.25]);
  for (const member of members) member.leave();
});

it('tells many members of each other in messages that can be read', () => {
  const { owner, view } = rooms.create('a')!;
  const members = Array.from({ length: 1_200 }, () => enter({ room: view }).member);
  const { member, wire } = enter({ room: owner });
  const here = wire.sent.filter((message) => message.type === 'member');
  expect(here.flatMap((message) => message.members)).toHaveLength(1_201);
  for (const message of here) expect(encodeMessage(message).length).toBeLessThan(100_000);
  for (const one of [member, ...members]) one.leave();
});

it('asks for a frame of the drawing, but not while somebody presents, nor of a viewer', () => {
  const { owner, view } = rooms.create('a')!;
  const [viewer, { member, wire }] = [enter({ room: view }), enter({ room: owner })];
  const asked = () => [viewer.wire, wire].map(({ sent }) => sent.filter(({ type }) => type === 'upload').length);
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
  const [broken, whole] = [rooms.create('a')!, rooms.create('b')!];
  const members = [enter({ room: broken.owner }), enter({ room: broken.edit }), enter({ room: whole.owner })];
  const client = nextClient - 3;
  const data = presence(client, 1, { name: 'Heron' });
  const say = () => members[0]!.member.handleRoomMessage({ type: 'presence', data });
  say();
  await vi.advanceTimersByTimeAsync(10);
  members[1]!.wire.sendBulk = () => {
    throw new Error('broken');
  };
  say();
  vi.advanceTimersByTime(1_000);
  expect(members.map(({ wire }) => wire.closed?.code)).toEqual([1011, 1011, undefined]);
  expect(faults).toEqual(['room']);
  for (const { member } of members) member.leave();
});
