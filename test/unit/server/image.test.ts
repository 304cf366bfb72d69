import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { FrameError } from '../../../server/src/errors.js';
import { decodeImage, encodeJpeg } from '../../../server/src/inference/image.js';

const size = { width: 4, height: 4, maxPixels: 10_000 };
const red = { r: 255, g: 0, b: 0 };

/** The pixel in a column and row of a 4x4 picture. */
function pixel(pixels: Uint8Array, x: number, y: number): number[] {
  return [...pixels.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)];
}

describe('decodeImage', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('reads %s', async (format) => {
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: red } })
      .toFormat(format, { quality: 100 })
      .toBuffer();
    const [r, g, b] = pixel(await decodeImage(bytes, size), 2, 2);
    expect([r! > 245, g! < 10, b! < 10]).toEqual([true, true, true]);
  });

  it('flattens transparency on white', async () => {
    const background = { ...red, alpha: 0 };
    const bytes = await sharp({ create: { width: 4, height: 4, channels: 4, background } })
      .png()
      .toBuffer();
    expect(pixel(await decodeImage(bytes, size), 0, 0)).toEqual([255, 255, 255]);
  });

  it('makes grey pictures three channels', async () => {
    const bytes = await sharp(Buffer.alloc(16, 100), { raw: { width: 4, height: 4, channels: 1 } })
      .png()
      .toBuffer();
    const pixels = await decodeImage(bytes, size);
    expect(pixels).toHaveLength(48);
    expect(pixel(pixels, 3, 3)).toEqual([100, 100, 100]);
  });

  it('crops about the centre', async () => {
    // 12 wide, 4 high: red, green, blue. Only the middle is left.
    const stripe = (background: object) => ({
      input: { create: { width: 4, height: 4, channels: 3 as const, background: background as never } },
    });
    const bytes = await sharp({ create: { width: 12, height: 4, channels: 3, background: red } })
      .composite([
        { ...stripe({ r: 0, g: 255, b: 0 }), left: 4, top: 0 },
        { ...stripe({ r: 0, g: 0, b: 255 }), left: 8, top: 0 },
      ])
      .png()
      .toBuffer();
    const pixels = await decodeImage(bytes, size);
    expect([pixel(pixels, 0, 0), pixel(pixels, 3, 3)]).toEqual([
      [0, 255, 0],
      [0, 255, 0],
    ]);
  });

  it('applies the orientation that a camera wrote', async () => {
    const dark = { create: { width: 4, height: 2, channels: 3 as const, background: { r: 0, g: 0, b: 0 } } };
    const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#ffffff' } })
      .composite([{ input: dark, left: 0, top: 0 }])
      .png()
      .toBuffer();
    // Orientation 6: turned a quarter clockwise when shown, so the dark top is on the right.
    const turned = await sharp(bytes).withExif({}).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const pixels = await decodeImage(turned, size);
    expect(pixel(pixels, 3, 0)[0]).toBeLessThan(60);
    expect(pixel(pixels, 0, 0)[0]).toBeGreaterThan(195);
  });

  it('gives memory that can move to another thread', async () => {
    const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: red } })
      .png()
      .toBuffer();
    const pixels = await decodeImage(bytes, size);
    expect(pixels.buffer.byteLength).toBe(48);
    const moved = structuredClone(pixels, { transfer: [pixels.buffer] });
    expect(pixel(moved, 3, 3)).toEqual([255, 0, 0]);
    // Memory that cannot move is copied without a word by Node 20; later ones throw.
    expect(pixels.buffer.byteLength).toBe(0);
  });

  it('refuses more pixels than allowed', async () => {
    const bytes = await sharp({ create: { width: 101, height: 100, channels: 3, background: red } })
      .png()
      .toBuffer();
    await expect(decodeImage(bytes, size)).rejects.toMatchObject({ code: 'image-too-large' });
  });

  it.each([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')],
    ['text', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', async (_name, bytes) => {
    const failed = decodeImage(bytes, size);
    await expect(failed).rejects.toBeInstanceOf(FrameError);
    await expect(failed).rejects.toMatchObject({ code: 'bad-image', retryable: false });
  });
});

describe('encodeJpeg', () => {
  it('writes a JPEG of the given size, larger for a higher quality', async () => {
    const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256);
    const low = await encodeJpeg(pixels, { width: 64, height: 64, quality: 30 });
    const high = await encodeJpeg(pixels, { width: 64, height: 64, quality: 95 });
    expect(await sharp(low).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 64 });
    expect(high.length).toBeGreaterThan(low.length);
  });
});
