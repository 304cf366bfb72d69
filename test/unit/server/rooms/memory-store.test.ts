import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryStore } from '../../../../server/src/rooms/stores/memory-store.js';
import type { RoomRecord } from '../../../../server/src/rooms/stores/room-store.js';

const HOUR_MS = 3_600_000;

let store: MemoryStore;
beforeEach(() => {
  vi.useFakeTimers();
  store = new MemoryStore({ ttlMs: 5 * HOUR_MS, maxBytes: 100_000, now: () => Date.now() });
});
afterEach(async () => {
  await store.close();
  vi.useRealTimers();
});

function drawing(bytes: number): RoomRecord {
  return { drawing: new Uint8Array(bytes), params: {}, isLocked: false, image: undefined };
}

it('forgets the oldest rooms of the address with the most bytes when memory is full', () => {
  store.save('small', drawing(5_000), 'a');
  for (let i = 0; i < 20; i++) store.save(`large${i}`, drawing(20_000), 'b');
  expect(store.has('small')).toBe(true);
  expect(Array.from({ length: 20 }, (_, i) => store.has(`large${i}`)).lastIndexOf(false)).toBe(15);
});

it('remembers the address of a room that is saved again', () => {
  store.save('mine', drawing(30_000), 'a');
  store.save('other', drawing(10_000), 'b');
  store.save('other', drawing(60_000));
  store.save('other', drawing(70_000));
  expect([store.has('mine'), store.has('other')]).toEqual([true, false]);
});

it('forgets a room without a drawing after an hour', () => {
  store.save('untouched', drawing(2), 'a');
  store.save('drawn', drawing(200), 'a');
  vi.advanceTimersByTime(1.5 * HOUR_MS);
  store.forgetOld();
  expect([store.has('untouched'), store.has('drawn'), store.size]).toEqual([false, true, 1]);
});
