import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { blockVisits, isJpeg } from '../../../server/src/inference/worker/jpeg-scans.js';

/** Grey, red and blue noise of 64 x 40 pixels: 40 blocks in each component. */
function jpeg(options: JpegOptions = {}): Promise<Buffer> {
  const noise = Uint8Array.from({ length: 64 * 40 * 3 }, (_, i) => (i * 7919) % 251);
  return sharp(noise, { raw: { width: 64, height: 40, channels: 3 } })
    .jpeg(options)
    .toBuffer();
}

/** A marker with its length and content. */
function segment(marker: number, ...body: number[]): number[] {
  return [0xff, marker, 0, body.length + 2, ...body];
}

describe('the blocks that the scans of a JPEG visit', () => {
  it('are those of its components in a baseline one, and more in a progressive one', async () => {
    expect(blockVisits(await jpeg())).toBe(3 * 40);
    // The usual script: one scan of all components for the means and one for their last bit, eight of one each.
    expect(blockVisits(await jpeg({ progressive: true }))).toBe((3 + 3 + 8) * 40);
  });

  it('are counted past stuffed bytes, restarts, padding and stray bytes', () => {
    const frame = segment(0xc2, 8, 0, 16, 0, 8, 1, 1, 0x11, 0);
    const scan = [...segment(0xda, 1, 1, 0, 1, 63, 0), 0xff, 0x00, 7, 0xff, 0xd3, 9, 0xff, 0xff];
    const bytes = Uint8Array.from([
      0xff,
      0xd8,
      ...segment(0xe0, 1, 2),
      5,
      5,
      ...frame,
      ...scan,
      ...scan,
      ...scan,
      0xff,
      0xd9,
    ]);
    expect(blockVisits(bytes)).toBe(3 * 2);
    // Bytes after the end are not decoded.
    expect(blockVisits(Uint8Array.from([...bytes, ...scan, 0, 0, 0]))).toBe(3 * 2);
  });

  it('are 0 if the bytes end too soon or are not a JPEG', () => {
    expect(blockVisits(Uint8Array.of(0xff, 0xd8, 0xff))).toBe(0);
    expect(blockVisits(new Uint8Array(0))).toBe(0);
    expect(isJpeg(Uint8Array.of(0x89, 0x50))).toBe(false);
  });
});
