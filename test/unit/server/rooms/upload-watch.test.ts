import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { UploadWatch } from '../../../../server/src/rooms/upload-watch.js';

let asked: number[];
let isAnybodyThere: boolean;
let watch: UploadWatch;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  asked = [];
  isAnybodyThere = true;
  const ask = () => {
    if (isAnybodyThere) asked.push(Date.now());
    return isAnybodyThere;
  };
  watch = new UploadWatch({ now: () => Date.now(), guard: (work) => work(), ask });
});
afterEach(() => void vi.useRealTimers());

it('asks nobody while the authors upload by themselves', () => {
  for (let i = 0; i < 50; i++) {
    watch.edited();
    vi.advanceTimersByTime(500);
    watch.framed(i === 49);
  }
  vi.advanceTimersByTime(10_000);
  expect(asked).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('asks when nobody drew for two seconds and the newest frame lacks something', () => {
  watch.edited();
  watch.framed(false);
  vi.advanceTimersByTime(1_999);
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(asked).toEqual([2_000]);
  watch.framed(true);
  vi.advanceTimersByTime(10_000);
  expect(asked).toEqual([2_000]);
});

it('asks again until there is an answer', () => {
  watch.check();
  vi.advanceTimersByTime(4_000);
  expect(asked).toEqual([0, 2_000, 4_000]);
  watch.stop();
});

it('asks at once when a member enters who can answer', () => {
  isAnybodyThere = false;
  watch.check();
  vi.advanceTimersByTime(10_000);
  isAnybodyThere = true;
  watch.check();
  expect(asked).toEqual([10_000]);
  watch.stop();
});
