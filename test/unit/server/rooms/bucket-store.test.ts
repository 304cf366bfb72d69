import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BucketStore } from '../../../../server/src/rooms/stores/bucket-store.js';
import type { RoomRecord } from '../../../../server/src/rooms/stores/room-store.js';
import { rendered } from '../../../helpers/fakes.js';
import { MemoryBucket } from '../../../helpers/memory-bucket.js';

const HOUR_MS = 3_600_000;

let bucket: MemoryBucket;
beforeEach(() => {
  vi.useFakeTimers();
  bucket = new MemoryBucket();
});
afterEach(() => void vi.useRealTimers());

async function start() {
  const view = bucket.view();
  const retryMs = { first: 1_000, longest: 4_000 };
  const store = await BucketStore.open({ bucket: view, ttlMs: 48 * HOUR_MS, log: pino({ level: 'silent' }), retryMs });
  return { view, store };
}

function record(fill: number, bytes = 100): RoomRecord {
  const image = { ...rendered(fill), data: new Uint8Array(50).fill(fill) };
  return { drawing: new Uint8Array(bytes).fill(fill), params: { prompt: `${fill}` }, isLocked: false, image };
}

const drawingOf = async (store: BucketStore) => {
  const loaded = await store.load('room');
  return typeof loaded === 'object' ? [loaded.drawing.length, loaded.drawing[0]] : loaded;
};

describe('rooms in a bucket', () => {
  it('are found by every server, however large they are', async () => {
    const [a, b] = [await start(), await start()];
    a.store.save('room', record(7, 4_500));
    await a.store.flush();
    expect(b.store.has('room')).toBe(true);
    expect(await b.store.load('room')).toMatchObject({ params: { prompt: '7' }, isLocked: false });
    expect(await drawingOf(b.store)).toEqual([4_500, 7]);
  });

  it('leave no parts of older records behind', async () => {
    const { store } = await start();
    for (const fill of [1, 2, 3]) {
      store.save('room', record(fill, 2_000));
      await store.flush();
    }
    expect(bucket.keys.filter((key) => key.startsWith('part.'))).toHaveLength(3);
    expect(await drawingOf(store)).toEqual([2_000, 3]);
  });

  it('are not overwritten by a server that had them before another', async () => {
    const [a, b] = [await start(), await start()];
    a.store.save('room', record(1));
    await a.store.flush();
    await b.store.load('room');
    b.store.save('room', record(2));
    await b.store.flush();
    a.store.save('room', record(3));
    await a.store.flush();
    expect(await drawingOf(b.store)).toEqual([100, 2]);
    expect(a.store.unsafe.size).toBe(0);
  });

  it('are unsafe, and kept in memory, until the broker confirms them', async () => {
    const { store, view } = await start();
    view.isCut = true;
    store.save('room', record(1));
    await store.flush();
    expect([...store.unsafe]).toEqual(['room']);
    expect(await drawingOf(store)).toEqual([100, 1]);
    view.isCut = false;
    await vi.advanceTimersByTimeAsync(1_100);
    await store.flush();
    expect(store.unsafe.size).toBe(0);
  });

  it('are found by a server that has not heard of them yet', async () => {
    const [a, b] = [await start(), await start()];
    b.view.isDeaf = true;
    a.store.save('room', record(1));
    await a.store.flush();
    expect(b.store.has('room')).toBe(false);
    await b.store.lookFor('room');
    expect(b.store.has('room')).toBe(true);
  });

  it('that two servers make at once are one, if nobody has drawn in the other', async () => {
    const [a, b] = [await start(), await start()];
    const blank: RoomRecord = { drawing: new Uint8Array(2), params: {}, isLocked: false, image: undefined };
    a.store.save('room', blank);
    await a.store.flush();
    b.store.save('room', record(2));
    await b.store.flush();
    expect(await drawingOf(a.store)).toEqual([100, 2]);
    const c = await start();
    c.store.save('room', record(3));
    await c.store.flush();
    expect(await drawingOf(a.store)).toEqual([100, 2]);
  });

  it('leave nothing behind when their server dies between the parts and the head', async () => {
    const { store, view } = await start();
    store.save('room', record(1));
    await store.flush();
    const kept = bucket.keys;
    for (const key of ['part.room.dead.0', 'part.room.dead.1', 'part.other.dead.0']) {
      await view.put(key, new Uint8Array(3));
    }
    store.forgetOld();
    await vi.advanceTimersByTimeAsync(HOUR_MS + 1);
    await view.put('part.new.alive.0', new Uint8Array(3));
    store.forgetOld();
    await vi.advanceTimersByTimeAsync(10);
    expect(bucket.keys).toEqual([...kept, 'part.new.alive.0']);
  });

  it('cannot be read while the broker is away, which does not mean that they are gone', async () => {
    const [a, b] = [await start(), await start()];
    a.store.save('room', record(1));
    await a.store.flush();
    b.view.isCut = true;
    expect(await b.store.load('room')).toBe('unreadable');
    b.view.isCut = false;
    expect(await drawingOf(b.store)).toEqual([100, 1]);
  });

  it('are forgotten by all when their time is over, with everything that belongs to them', async () => {
    const [a, b] = [await start(), await start()];
    a.store.save('room', record(1));
    await a.store.flush();
    await vi.advanceTimersByTimeAsync(47 * HOUR_MS);
    b.store.forgetOld();
    expect(a.store.touch('room')).toBe(true);
    await vi.advanceTimersByTimeAsync(47 * HOUR_MS);
    b.store.forgetOld();
    expect(b.store.has('room')).toBe(true);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    b.store.forgetOld();
    await vi.advanceTimersByTimeAsync(1);
    expect([a.store.has('room'), b.store.has('room'), bucket.keys]).toEqual([false, false, []]);
  });

  it('that are broken are set aside', async () => {
    const { store } = await start();
    store.save('room', record(1));
    await store.flush();
    const part = bucket.keys.find((key) => key.startsWith('part.'))!;
    bucket.write(part, new Uint8Array(3));
    expect(await store.load('room')).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(bucket.keys).toEqual(expect.arrayContaining(['broken.room']));
    expect(store.has('room')).toBe(false);
  });
});
