import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pace } from '../../../../server/src/rooms/pace.js';

let told: number[];
let pace: Pace;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  told = [];
  const now = () => Date.now();
  pace = new Pace({ everyMs: 50, now, guard: (work) => work(), tell: () => told.push(now()) });
});
afterEach(() => void vi.useRealTimers());

it('tells the changes of one turn at once, and further ones at a bounded rate', () => {
  for (let i = 0; i < 9; i++) pace.due();
  expect(told).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(told).toEqual([0]);
  for (let i = 0; i < 100; i++) {
    pace.due();
    vi.advanceTimersByTime(1);
  }
  expect(told).toEqual([0, 50, 100]);
  pace.stop();
  expect(vi.getTimerCount()).toBe(0);
});
