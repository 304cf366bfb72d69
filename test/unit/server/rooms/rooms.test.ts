import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OPEN_GRANT } from '../../../../server/src/access/grant.js';
import { addressesOf, type RoomAddress } from '../../../../server/src/rooms/address.js';
import type { RoomLeases } from '../../../../server/src/rooms/leases.js';
import { MemoryStore } from '../../../../server/src/rooms/stores/memory-store.js';
import { rendered } from '../../../helpers/fakes.js';
import { HOUR_MS, TestRooms } from '../../../helpers/test-rooms.js';

let site: TestRooms;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  site = new TestRooms();
});
afterEach(async () => {
  await site.rooms.close();
  vi.useRealTimers();
});

const by = (address: string, subject?: string) => ({ address, grant: { ...OPEN_GRANT, subject } });
const idOf = (key: string) => (addressesOf(key) as [RoomAddress])[0].id;

describe('creating rooms', () => {
  it('is limited for each address and hour', () => {
    const create = (address: string) => !('retryAfterS' in site.rooms.create(by(address)));
    expect([1, 2, 3, 4].map(() => create('a'))).toEqual([true, true, true, false]);
    expect(create('b')).toBe(true);
    vi.advanceTimersByTime(HOUR_MS / 3);
    expect(create('a')).toBe(true);
  });

  it('is limited for each subject too, whatever the address is', () => {
    const create = (address: string, subject: string) => 'owner' in site.rooms.create(by(address, subject));
    expect(['a', 'b', 'c', 'd'].map((address) => create(address, 'anna'))).toEqual([true, true, true, false]);
    expect(create('d', 'ben')).toBe(true);
    // A refusal costs the address nothing.
    expect([1, 2, 3].map(() => create('d', 'cara'))).toEqual([true, true, false]);
  });

  it('counts addresses of one /64 as one', () => {
    const created = [1, 2, 3, 4].map((host) => 'owner' in site.rooms.create(by(`2001:db8::${host}`)));
    expect(created).toEqual([true, true, true, false]);
    expect('owner' in site.rooms.create(by('2001:db8:0:1::1'))).toBe(true);
  });

  it('says when to try again', () => {
    for (let i = 0; i < 3; i++) site.create();
    expect(site.rooms.create(by('a'))).toEqual({ retryAfterS: 1_200 });
  });

  it('is limited by the capacity of the server', () => {
    const created = Array.from({ length: 20 }, (_, i) => site.rooms.create(by(`${i}`)));
    expect(created.at(-1)).toEqual({ retryAfterS: 3_600 });
    expect(created.filter((keys) => 'owner' in keys)).toHaveLength(16);
  });

  it('gives one address a quarter of the capacity, until its rooms without a drawing are forgotten', () => {
    // Three an hour: the fourth fills the quarter, the fifth is refused.
    const created = Array.from({ length: 6 }, () => {
      vi.advanceTimersByTime(HOUR_MS / 6);
      return site.rooms.create(by('a'));
    });
    expect(created.map((keys) => 'owner' in keys)).toEqual([true, true, true, true, false, false]);
    expect(created.at(-1)).toEqual({ retryAfterS: 3_600 });
    expect('owner' in site.rooms.create(by('b'))).toBe(true);
    vi.advanceTimersByTime(2 * HOUR_MS);
    expect(site.store.size).toBe(0);
    expect('owner' in site.rooms.create(by('a'))).toBe(true);
  });
});

describe('a room that everybody left', () => {
  it('is loaded again with its prompt, its lock and its image', async () => {
    const { owner, view } = site.create();
    const { member } = await site.enter({ room: owner });
    member.handleParams({ prompt: 'a lake' });
    member.handleRoomMessage({ type: 'role', locked: true });
    member.handleFrame({ type: 'frame', seq: 1, data: Uint8Array.of(1) });
    member.canvas.deliver(member.canvas.take()!, rendered(7));
    member.leave();
    expect(site.rooms.size).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(1);
    const again = await site.enter({ room: view });
    expect(again.member.canvas).not.toBe(member.canvas);
    expect(again.member.canvas.params.prompt).toBe('a lake');
    expect(again.channel.sent).toMatchObject([{ type: 'role', locked: true }, { type: 'member' }]);
    expect(again.channel.images).toMatchObject([{ seq: 0, final: true }]);
    expect([...again.channel.images[0]!.data]).toEqual([...rendered(7).data]);
    again.member.leave();
  });

  it('is still in memory for a member who reloads the page', async () => {
    const { owner } = site.create();
    const { member } = await site.enter({ room: owner });
    member.leave();
    vi.advanceTimersByTime(10_000);
    const again = await site.enter({ room: owner });
    expect(again.member.canvas).toBe(member.canvas);
    vi.advanceTimersByTime(60_000);
    expect(site.rooms.isAwake(owner)).toBe(true);
    again.member.leave();
    expect(site.rooms.isAwake(owner)).toBe(false);
  });

  it('is set aside if its drawing cannot be loaded', async () => {
    const { owner } = site.create();
    const drawing = Uint8Array.of(1, 2, 3);
    site.store.save(idOf(owner), { drawing, params: {}, isLocked: false, image: undefined });
    expect(await site.request({ room: owner })).toMatchObject({ code: 4004 });
    expect(site.store.has(idOf(owner))).toBe(false);
  });
});

describe('loading a room', () => {
  /** Loads when told to. */
  class SlowStore extends MemoryStore {
    loads = 0;
    finish: () => void = () => undefined;
    fails = false;

    override async load(id: string) {
      this.loads += 1;
      await new Promise<void>((resolve) => (this.finish = resolve));
      if (this.fails) throw new Error('the disk is on fire');
      return super.load(id);
    }
  }
  let store: SlowStore;
  beforeEach(async () => {
    await site.rooms.close();
    store = new SlowStore({ ttlMs: HOUR_MS, now: () => Date.now() });
    site = new TestRooms(store);
  });

  it('is shared by everybody who enters meanwhile', async () => {
    const { owner, edit } = site.create();
    const entering = [site.enter({ room: owner }), site.enter({ room: edit })];
    store.finish();
    const [first, second] = await Promise.all(entering);
    expect(store.loads).toBe(1);
    expect(second!.member.canvas).toBe(first!.member.canvas);
    expect(first!.channel.sent.filter(({ type }) => type === 'member')).toMatchObject([
      { event: 'here', members: [{ role: 'owner' }] },
      { event: 'joined', members: [{ role: 'editor' }] },
    ]);
    for (const { member } of [first!, second!]) member.leave();
  });

  it('gives an author number to one of two who enter with it at once', async () => {
    const { owner } = site.create();
    const entering = [1, 2].map(() => site.enter({ room: owner, author: 7 }));
    store.finish();
    const [first, second] = await Promise.allSettled(entering);
    expect([first!.status, second!.status]).toEqual(['fulfilled', 'rejected']);
    if (first!.status === 'fulfilled') first!.value.member.leave();
  });

  it('leaves nothing behind if nobody enters after all', async () => {
    const { owner } = site.create();
    const loading = site.load(owner);
    store.finish();
    expect(await loading).toBeUndefined();
    expect([site.rooms.size, site.rooms.isAwake(owner)]).toEqual([0, false]);
    vi.advanceTimersByTime(60_000);
    const again = site.load(owner);
    expect(store.loads).toBe(2);
    store.finish();
    await again;
  });

  it('is tried again after a failure', async () => {
    const { owner } = site.create();
    store.fails = true;
    const failing = site.load(owner);
    store.finish();
    await expect(failing).rejects.toThrow('on fire');
    store.fails = false;
    const entering = site.enter({ room: owner });
    store.finish();
    (await entering).member.leave();
  });

  it('is not kept awake by somebody who is refused', async () => {
    const { owner, view } = site.create();
    const entering = site.enter({ room: owner, author: 7 });
    store.finish();
    (await entering).member.leave();
    expect(await site.request({ room: view, author: 7 })).toMatchObject({ code: 1013 });
    vi.advanceTimersByTime(60_000);
    void site.load(owner);
    expect(store.loads).toBe(2);
    store.finish();
  });
});

it('forgets old rooms now and then, and again after that threw', () => {
  const store = new MemoryStore({ ttlMs: HOUR_MS, now: () => Date.now() });
  const site = new TestRooms(store);
  const { owner } = site.create();
  vi.spyOn(store, 'forgetOld').mockImplementationOnce(() => {
    throw new Error('broken');
  });
  vi.advanceTimersByTime(60_000);
  expect(site.faults).toEqual(['rooms']);
  vi.advanceTimersByTime(HOUR_MS);
  expect([store.size, site.rooms.isAwake(owner)]).toEqual([0, false]);
});

describe('rooms of a server that stops while others serve on', () => {
  it('are saved, left, and given back, those without members too', async () => {
    const released: string[] = [];
    const leases: RoomLeases = {
      hasOthers: true,
      take: () => Promise.resolve(undefined),
      release: (id) => Promise.resolve(void released.push(id)),
      onLost: () => undefined,
      close: () => Promise.resolve(),
    };
    const moving = new TestRooms(undefined, leases);
    const [drawn, left] = [moving.create(), moving.create()];
    const { member, channel } = await moving.enter({ room: drawn.owner });
    member.handleParams({ prompt: 'a lake' });
    (await moving.enter({ room: left.owner })).member.leave();
    expect(moving.rooms.canMove).toBe(true);
    for (const move of moving.rooms.moves()) move();
    expect(channel.closed).toMatchObject({ code: 1012 });
    expect(moving.rooms.isAwake(drawn.owner)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(released.sort()).toEqual([idOf(drawn.owner), idOf(left.owner)].sort());
    expect(await moving.store.load(idOf(drawn.owner))).toMatchObject({ params: { prompt: 'a lake' } });
    await moving.rooms.close();
  });
});
