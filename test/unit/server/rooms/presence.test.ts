import { readVarUint, createDecoder } from 'lib0/decoding';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Presence, readPresence } from '../../../../server/src/rooms/presence.js';
import { presence as update } from '../../../helpers/room-client.js';

let told: number[][];
let presence: Presence;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  told = [];
  presence = new Presence({
    now: () => Date.now(),
    guard: (work) => work(),
    tell: (authors) => told.push([...authors]),
  });
});
afterEach(() => void vi.useRealTimers());

function say(author: number, state: object): void {
  presence.set(author, readPresence(update(author, 1, state)).entry);
}

it('is sent at once, then at most 30 times a second, always with the latest of each author', () => {
  for (let ms = 0; ms < 1_000; ms += 2) {
    say(1, { ms });
    if (ms % 100 === 0) say(2, { ms });
    vi.advanceTimersByTime(2);
  }
  expect(told.length).toBeGreaterThan(25);
  expect(told.length).toBeLessThanOrEqual(31);
  expect(told[0]).toEqual([1]);
  vi.advanceTimersByTime(50);
  expect(Buffer.from(presence.messageOf([1])!.data).toString()).toContain('998');
  expect(vi.getTimerCount()).toBe(0);
});

it('of several authors is one update', () => {
  say(1, { name: 'Heron' });
  say(2, { name: 'Lynx' });
  const { data } = presence.messageOf()!;
  expect(readVarUint(createDecoder(data))).toBe(2);
  expect(Buffer.from(data).toString()).toMatch(/Heron.*Lynx/);
});

it('is forgotten when its author leaves', () => {
  say(1, {});
  say(1, {});
  presence.delete(1);
  expect(presence.messageOf()).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

it.each([
  ['about two', Uint8Array.of(2, 1, 1, 2, 0x7b, 0x7d, 2, 1, 2, 0x7b, 0x7d)],
  ['about nobody', Uint8Array.of(0)],
  ['not JSON', Uint8Array.of(1, 1, 1, 1, 0x7b)],
  ['not an object', Uint8Array.of(1, 1, 1, 1, 0x31)],
  ['cut short', Uint8Array.of(1, 1, 1, 9, 0x7b)],
  ['followed by more', Uint8Array.of(1, 1, 1, 2, 0x7b, 0x7d, 0)],
])('update that is %s is rejected', (_name, data) => {
  expect(() => readPresence(data)).toThrow(/presence\.data/);
});
