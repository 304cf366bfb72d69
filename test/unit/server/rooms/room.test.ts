import { encodeMessage } from '@underpaint/shared';
import * as Y from 'yjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_PARTS } from '../../../../server/src/rooms/drawing/drawing.js';
import { presence } from '../../../helpers/room-client.js';
import { TestChannel } from '../../../helpers/test-channel.js';
import { TestRooms } from '../../../helpers/test-rooms.js';

let site: TestRooms;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  site = new TestRooms();
});
afterEach(async () => {
  await site.rooms.close();
  vi.useRealTimers();
});

describe('an author number', () => {
  /** An update with one mark. */
  const mark = (author: number) => {
    const doc = new Y.Doc();
    doc.clientID = author;
    doc.getArray('marks').push([Uint8Array.of(1)]);
    return Y.encodeStateAsUpdate(doc);
  };

  it('of an owner who is away is refused to a viewer', async () => {
    const { owner, view } = site.create();
    const { member } = await site.enter({ room: owner, author: 7 });
    const other = await site.enter({ room: view, author: 8 });
    member.leave();
    expect(await site.request({ room: view, author: 7 })).toMatchObject({ code: 1013 });
    expect(await site.request({ room: owner, author: 7 })).not.toHaveProperty('reason');
    other.member.leave();
  });

  it('that is in the drawing is refused to a viewer, also after the room was loaded again', async () => {
    const { owner, view } = site.create();
    const { member } = await site.enter({ room: owner, author: 7 });
    member.handleRoomMessage({ type: 'drawing', kind: 'update', data: mark(7) });
    member.leave();
    vi.advanceTimersByTime(60_000);
    expect(await site.request({ room: view, author: 7 })).toMatchObject({ code: 1013 });
    expect(await site.request({ room: view, author: 8 })).not.toHaveProperty('reason');
  });

  it('is taken from somebody of a lower role', async () => {
    const { owner, edit } = site.create();
    const { channel } = await site.enter({ room: edit, author: 7 });
    expect(await site.request({ room: edit, author: 7 })).toMatchObject({ code: 1013 });
    expect(channel.closed).toBeUndefined();
    expect(await site.request({ room: owner, author: 7 })).not.toHaveProperty('reason');
    expect(channel.closed?.code).toBe(1013);
  });
});

describe('changes by others', () => {
  it('reach a slow viewer as one message, however many there are', async () => {
    const { owner, view } = site.create();
    const [{ member, channel }, viewer] = [await site.enter({ room: owner }), await site.enter({ room: view })];
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

  it('reach a fast viewer 20 times a second, and the last one always', async () => {
    const { owner, view } = site.create();
    const [{ member }, viewer] = [await site.enter({ room: owner }), await site.enter({ room: view })];
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
  const vector = (data: Uint8Array) => ({ type: 'drawing', kind: 'vector', data }) as const;

  it('too often closes the connection', async () => {
    const { owner } = site.create();
    const { member, channel } = await site.enter({ room: owner });
    for (let i = 0; i < 10; i++) member.handleRoomMessage(vector(Uint8Array.of(0)));
    expect(channel.closed).toBeUndefined();
    member.handleRoomMessage(vector(Uint8Array.of(0)));
    expect(channel.closed?.code).toBe(1008);
    member.leave();
  });

  it('with more authors than a drawing can have closes the connection', async () => {
    const { owner } = site.create();
    const { member, channel } = await site.enter({ room: owner });
    const authors = new Map(Array.from({ length: MAX_PARTS + 1 }, (_, author) => [author, 1]));
    member.handleRoomMessage(vector(Y.encodeStateVector(authors)));
    expect(channel.closed?.code).toBe(4000);
    member.leave();
  });
});

it('a room costs one share of the device, however many members there are', async () => {
  const { owner, edit } = site.create();
  const entered = await Promise.all([owner, edit, edit, edit].map((room) => site.enter({ room })));
  expect(entered.map(({ member }) => member.share)).toEqual([0.25, 0.25, 0.25, 0.25]);
  for (const { member } of entered) member.leave();
});

/** A channel that sends no control messages, because encoding them for a thousand members takes long. */
const deaf = () => Object.assign(new TestChannel(), { send: () => undefined });

it('a room introduces its members in messages that are small enough to decode', async () => {
  const { owner, view } = site.create();
  const viewers = await Promise.all(Array.from({ length: 1_200 }, () => site.enter({ room: view }, deaf())));
  const { member, channel } = await site.enter({ room: owner });
  const here = channel.sent.filter((message) => message.type === 'member');
  expect(here.flatMap((message) => message.members)).toHaveLength(1_201);
  for (const message of here) expect(encodeMessage(message).length).toBeLessThan(100_000);
  for (const one of [member, ...viewers.map(({ member }) => member)]) one.leave();
});

it('a room asks for a frame of the drawing, but not a viewer, nor while somebody presents', async () => {
  const { owner, view } = site.create();
  const [viewer, { member, channel }] = [await site.enter({ room: view }), await site.enter({ room: owner })];
  const asked = () => [viewer.channel, channel].map(({ sent }) => sent.filter(({ type }) => type === 'upload').length);
  for (const one of [viewer.member, member]) {
    one.handleRoomMessage({ type: 'drawing', kind: 'vector', data: Uint8Array.of(0) });
  }
  expect(asked()).toEqual([0, 1]);
  member.handleRoomMessage({ type: 'role', presenter: member.room!.member });
  vi.advanceTimersByTime(10_000);
  expect(asked()).toEqual([0, 1]);
  member.handleRoomMessage({ type: 'role', presenter: null });
  expect(asked()).toEqual([0, 2]);
  for (const one of [viewer.member, member]) one.leave();
});

it('a room that throws in a timer closes the connections of its members, and no others', async () => {
  const [broken, whole] = [site.create('a'), site.create('b')];
  const entered = [
    await site.enter({ room: broken.owner, author: 7 }),
    await site.enter({ room: broken.edit }),
    await site.enter({ room: whole.owner }),
  ];
  const data = presence(7, 1, { name: 'Heron' });
  const say = () => entered[0]!.member.handleRoomMessage({ type: 'presence', data });
  say();
  await vi.advanceTimersByTimeAsync(10);
  entered[1]!.channel.sendBulk = () => {
    throw new Error('broken');
  };
  say();
  vi.advanceTimersByTime(1_000);
  expect(entered.map(({ channel }) => channel.closed?.code)).toEqual([1011, 1011, undefined]);
  expect(site.faults).toEqual(['room']);
  for (const { member } of entered) member.leave();
});
