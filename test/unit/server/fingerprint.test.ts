import { describe, expect, it } from 'vitest';
import { fingerprintOf, similarityOf } from '../../../server/src/inference/worker/fingerprint.js';

const SIZE = { width: 128, height: 128 };

function picture(paint: (x: number, y: number) => number): Uint8Array {
  const pixels = new Uint8Array(SIZE.width * SIZE.height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const at = Math.floor(i / 3);
    pixels[i] = paint(at % SIZE.width, Math.floor(at / SIZE.width));
  }
  return pixels;
}

function alike(a: Uint8Array, b: Uint8Array): number {
  return similarityOf(fingerprintOf(a, SIZE), fingerprintOf(b, SIZE));
}

describe('similarity', () => {
  const plain = picture((x, y) => (x + y) % 256);

  it('is 1 for the same picture', () => {
    expect(alike(plain, plain)).toBe(1);
  });

  it('hardly changes with the noise of a camera', () => {
    // A fixed pattern of +-6 levels that changes sign from pixel to pixel.
    const noisy = picture((x, y) => ((x + y) % 256) + ((x * 7 + y * 13) % 2 ? 6 : -6));
    expect(alike(plain, noisy)).toBeGreaterThan(0.98);
  });

  it('falls when a hand moves', () => {
    const hand = (left: number) => picture((x, y) => (x > left && x < left + 40 && y > 30 ? 230 : 40));
    expect(alike(hand(20), hand(50))).toBeLessThan(0.9);
  });

  it('is 0 for black and white', () => {
    const flat = (value: number) => picture(() => value);
    expect(alike(flat(0), flat(255))).toBe(0);
  });
});
