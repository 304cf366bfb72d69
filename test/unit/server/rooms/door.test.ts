import type { RoleRequestMessage } from '@underpaint/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestRooms, type TestMember } from '../../../helpers/test-rooms.js';

let site: TestRooms;
let keys: ReturnType<TestRooms['create']>;
let owner: TestMember;
const entered: TestMember[] = [];

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  site = new TestRooms();
  keys = site.create();
  owner = await enter('owner');
});
afterEach(async () => {
  for (const { member } of entered.splice(0)) member.leave();
  await site.rooms.close();
  vi.useRealTimers();
});

async function enter(by: 'owner' | 'edit' | 'view', pass?: string): Promise<TestMember> {
  const one = await site.enter({ room: keys[by], ...(pass && { pass }) });
  one.channel.listen({ handleOpen: () => undefined, handleEnd: () => one.member.leave() });
  entered.push(one);
  return one;
}

const ask = ({ member }: TestMember, request: Omit<RoleRequestMessage, 'type'>) =>
  member.handleRoomMessage({ type: 'role', ...request });
const remove = (by: TestMember, { member }: TestMember) => ask(by, { remove: member.room!.member });
const isTurnedAway = async (room: string, pass?: string) =>
  'reason' in (await site.request({ room, ...(pass && { pass }) }));
/** Messages about roles wait for the reader. */
async function lastRole({ channel }: TestMember) {
  await vi.advanceTimersByTimeAsync(10);
  return channel.sent.filter(({ type }) => type === 'role').at(-1);
}

describe('a person whom the owner removes', () => {
  it('loses the connection, and the others hear that somebody left and that the room is closed', async () => {
    const [ann, ben] = [await enter('edit', 'of Ann'), await enter('edit', 'of Ben')];
    remove(owner, ann);
    expect(ann.channel.closed).toMatchObject({ code: 4006 });
    expect(ben.channel.closed).toBeUndefined();
    expect(ben.channel.sent).toContainEqual(expect.objectContaining({ type: 'member', event: 'left' }));
    expect(await lastRole(ben)).toMatchObject({ closed: true, role: 'editor' });
  });

  it('cannot come back with any key of others, under another name or without one; the rest can', async () => {
    const [ann] = [await enter('edit', 'of Ann'), await enter('view', 'of Ben')];
    remove(owner, ann);
    for (const key of [keys.edit, keys.view]) {
      expect(await isTurnedAway(key, 'of Ann')).toBe(true);
      expect(await isTurnedAway(key, 'made up')).toBe(true);
      expect(await isTurnedAway(key)).toBe(true);
    }
    expect(await isTurnedAway(keys.view, 'of Ben')).toBe(false);
    expect(await isTurnedAway(keys.owner)).toBe(false);
  });

  it('loses all connections, but those of an owner stay', async () => {
    const tabs = [await enter('edit', 'of Ann'), await enter('view', 'of Ann'), await enter('owner', 'of Ann')];
    remove(owner, tabs[0]!);
    expect(tabs.map(({ channel }) => channel.closed?.code)).toEqual([4006, 4006, undefined]);
  });

  it('can come back when the owner opens the room', async () => {
    remove(owner, await enter('edit', 'of Ann'));
    ask(owner, { closed: false });
    expect(await lastRole(owner)).toMatchObject({ closed: false });
    expect(await isTurnedAway(keys.edit, 'of Ann')).toBe(false);
  });

  it('stays out after the room was loaded again', async () => {
    const [ann, ben] = [await enter('edit', 'of Ann'), await enter('edit', 'of Ben')];
    remove(owner, ann);
    for (const { member } of [owner, ben]) member.leave();
    vi.advanceTimersByTime(60_000);
    expect(await isTurnedAway(keys.edit, 'of Ann')).toBe(true);
    expect(await isTurnedAway(keys.edit, 'of Ben')).toBe(false);
  });
});

it('a room that its owner closes lets nobody new in', async () => {
  const ben = await enter('edit', 'of Ben');
  ask(owner, { closed: true });
  expect(ben.channel.closed).toBeUndefined();
  expect(await isTurnedAway(keys.view, 'of Ann')).toBe(true);
  expect(await isTurnedAway(keys.edit, 'of Ben')).toBe(false);
});

it('only an owner removes, closes and opens, and an owner is not removed', async () => {
  const [ann, ben, other] = [await enter('edit', 'of Ann'), await enter('edit', 'of Ben'), await enter('owner')];
  remove(ann, ben);
  ask(ann, { closed: true });
  remove(owner, other);
  expect([ben, other].map(({ channel }) => channel.closed)).toEqual([undefined, undefined]);
  expect(ann.channel.sent.filter(({ type }) => type === 'error')).toMatchObject([
    { code: 'forbidden' },
    { code: 'forbidden' },
  ]);
  expect(owner.channel.sent).toContainEqual(expect.objectContaining({ type: 'error', code: 'forbidden' }));
  expect(await isTurnedAway(keys.edit)).toBe(false);
});
