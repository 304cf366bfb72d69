import { describe, expect, it } from 'vitest';
import { SendWindow } from '../../../server/src/session/send-window.js';

/** Sends an image every `intervalMs` and acknowledges each after `roundTripMs`. */
function settle(window: SendWindow<string>, intervalMs: number, roundTripMs: number): void {
  for (let id = 1; id <= 50; id++) {
    window.sent(id, 1_000, id * intervalMs);
    window.acknowledge(id, id * intervalMs + roundTripMs);
  }
}

describe('SendWindow', () => {
  it('lets two images out before it knows the reader', () => {
    const window = new SendWindow<string>();
    window.sent(1, 1_000, 0);
    expect(window.isOpen).toBe(true);
    window.sent(2, 1_000, 10);
    expect(window.isOpen).toBe(false);
  });

  it.each([
    ['a near reader', 100, 5, 2],
    ['a round trip of two intervals', 50, 100, 3],
    ['a far reader at a high rate', 20, 400, 6],
  ])('grows with rate times round trip: %s', (_name, intervalMs, roundTripMs, size) => {
    const window = new SendWindow<string>();
    settle(window, intervalMs, roundTripMs);
    expect(window.size).toBe(size);
  });

  it('keeps the newest of the images that wait and returns the one it replaces', () => {
    const window = new SendWindow<string>();
    window.sent(1, 1_000, 0);
    window.sent(2, 1_000, 1);
    expect(window.hold('a')).toBeUndefined();
    expect(window.hold('b')).toBe('a');
    expect(window.release()).toBeUndefined();
    window.acknowledge(1, 50);
    expect(window.release()).toBe('b');
    expect(window.isHolding).toBe(false);
  });

  it('takes an ack for every earlier image too, and no longer counts their bytes', () => {
    const window = new SendWindow<string>();
    window.sent(1, 1_000, 0);
    window.sent(2, 500, 1);
    expect(window.unacknowledgedBytes).toBe(1_500);
    window.acknowledge(2, 20);
    expect(window.unacknowledgedBytes).toBe(0);
    expect(window.isOpen).toBe(true);
  });

  it('ignores a second ack of the same image', () => {
    const window = new SendWindow<string>();
    window.sent(1, 1_000, 0);
    window.acknowledge(1, 10);
    window.acknowledge(1, 11);
    expect(window.unacknowledgedBytes).toBe(0);
  });
});
