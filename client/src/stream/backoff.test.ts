import { expect, it } from 'vitest';
import { fullJitterMs } from './backoff.js';

it('waits a random time below a bound that doubles up to 15 s', () => {
  expect(fullJitterMs(0, () => 0)).toBe(0);
  expect(fullJitterMs(0, () => 1)).toBe(500);
  expect(fullJitterMs(3, () => 1)).toBe(4_000);
  expect(fullJitterMs(30, () => 0.5)).toBe(7_500);
});
