import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Granted } from '../../../server/src/inference/host/granted.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the room that a worker grants', () => {
  const onGrown = vi.fn();
  let granted: Granted;
  beforeEach(() => {
    onGrown.mockClear();
    granted = new Granted(onGrown);
  });

  it('counts at once if the rows are free', () => {
    granted.add(2, 0);
    granted.take();
    expect(granted.count).toBe(1);
    expect(onGrown).toHaveBeenCalledOnce();
  });

  it('counts otherwise when there is just time to decode a picture', () => {
    for (const ms of [9, 3, 5, 4, 3]) granted.noteDecoded(ms);
    granted.add(1, 30);
    // The longest of the last four pictures, and two milliseconds for messages.
    vi.advanceTimersByTime(30 - 5 - 2 - 1);
    expect(granted.count).toBe(0);
    vi.advanceTimersByTime(1);
    expect(granted.count).toBe(1);
    expect(onGrown).toHaveBeenCalledOnce();
  });

  it('counts at once if there is no more time than that', () => {
    granted.noteDecoded(40);
    granted.add(1, 30);
    expect(granted.count).toBe(1);
  });

  it('ends with the worker', () => {
    granted.add(1, 0);
    granted.add(1, 30);
    granted.clear();
    vi.advanceTimersByTime(30);
    expect(granted.count).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
