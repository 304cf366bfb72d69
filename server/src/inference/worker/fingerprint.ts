import type { Size } from '../../pipeline/graphs/pixels.js';

/** Cells of a fingerprint along each side. */
const CELLS = 32;

/**
 * A small copy of a picture: mean colours in 32 x 32 cells. Camera noise hardly changes it; movement does.
 *
 * @param pixels RGB, `height * width * 3` bytes
 * @returns 3072 bytes
 */
export function fingerprintOf(pixels: Uint8Array, { width, height }: Size): Uint8Array {
  const sums = new Float64Array(CELLS * CELLS * 3);
  const counts = new Uint32Array(CELLS * CELLS);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * CELLS) / height) * CELLS;
    for (let x = 0; x < width; x++) {
      const cell = row + Math.floor((x * CELLS) / width);
      counts[cell]! += 1;
      for (let c = 0; c < 3; c++) sums[3 * cell + c]! += pixels[at++]!;
    }
  }
  return Uint8Array.from(sums, (sum, i) => sum / (counts[Math.floor(i / 3)] || 1));
}

/** Similarity of two pictures by their fingerprints: 1 minus the mean difference of their colours, 0..1. */
export function similarityOf(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return 0;
  const difference = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
  return 1 - difference / (255 * a.length);
}
