import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { FrameError } from '../../../server/src/errors.js';
import { decodeImage, encodeJpeg } from '../../../server/src/inference/worker/image.js';

const size = { width: 4, height: 4, maxPixels: 10_000 };
const red = { r: 255, g: 0, b: 0 };

const SOS = Buffer.from([0xff, 0xda]);

function redJpeg(): Promise<Buffer> {
  return sharp({ create: { width: 16, height: 16, channels: 3, background: red } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

function spliced(bytes: Buffer, at: number, more: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at + 1)]);
}

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

  it.each([
    ['stray bytes between two markers', (jpeg: Buffer, sos: number) => spliced(jpeg, sos, Buffer.from([0, 0, 0]))],
    ['a scan header with the parameters of no scan', (jpeg: Buffer, sos: number) => withByte(jpeg, sos + 12, 0)],
    ['bytes after the end', (jpeg: Buffer) => Buffer.concat([jpeg, Buffer.alloc(9, 1)])],
  ])('reads a JPEG with %s, as browsers do', async (_name, spoil) => {
    const jpeg = await redJpeg();
    const [r, g] = pixel(await decodeImage(spoil(jpeg, jpeg.indexOf(SOS)), size), 2, 2);
    expect([r! > 245, g! < 10]).toEqual([true, true]);
  });

  it.each([0.3, 0.6, 0.9])('refuses files that are cut after %f of their bytes', async (share) => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
        .toFormat(format)
        .toBuffer();
      const cut = bytes.subarray(0, Math.floor(share * bytes.length));
      await expect(decodeImage(cut, size), format).rejects.toMatchObject({ code: 'bad-image' });
    }
  });

  it('refuses a JPEG that lacks only its end', async () => {
    const jpeg = await redJpeg();
    await expect(decodeImage(jpeg.subarray(0, -2), size)).rejects.toMatchObject({ code: 'bad-image' });
  });

  it('refuses a JPEG that goes over its blocks too often, and takes a progressive one', async () => {
    const background = { r: 255, g: 0, b: 0 };
    const progressive = await sharp({ create: { width: 96, height: 96, channels: 3, background } })
      .jpeg({ progressive: true })
      .toBuffer();
    await decodeImage(progressive, size);
    // Ten scans of a small picture, over a small budget.
    const refused = decodeImage(progressive, { ...size, maxPixels: 96 * 96 * 0.1 });
    await expect(refused).rejects.toMatchObject({ code: 'image-too-large', message: /too many scans/ });
  });

  it.each([
    ['upright', undefined],
    ['turned', 6],
  ])('takes the middle of a long picture, %s, and scales no more than that', async (_name, orientation) => {
    const middle = { input: { create: { width: 16, height: 20, channels: 3 as const, background: '#00ff00' } } };
    const long = await sharp({ create: { width: 200, height: 20, channels: 3, background: red } })
      .composite([{ ...middle, left: 92, top: 0 }])
      .png()
      .toBuffer();
    const jpeg = await sharp(long)
      .withMetadata(orientation ? { orientation } : {})
      .jpeg({ quality: 100 })
      .toBuffer();
    const pixels = await decodeImage(jpeg, size);
    // Two of the middle's twenty pixels on either side are red.
    for (const at of [1, 2]) expect(pixel(pixels, at, at)[1]).toBeGreaterThan(230);
    for (const at of [0, 3]) expect(pixel(pixels, at, at)[0]).toBeGreaterThan(60);
  });

  it('spends little more time on a long, rotated picture than on a square one', async () => {
    const costMs = async (width: number, height: number) => {
      const picture = sharp({ create: { width, height, channels: 3, background: red } });
      const bytes = await picture.withMetadata({ orientation: 6 }).jpeg().toBuffer();
      const before = process.cpuUsage();
      await decodeImage(bytes, { width: 256, height: 256, maxPixels: 100_000 });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    await costMs(200, 200);
    expect(await costMs(4_000, 10)).toBeLessThan(10 * (await costMs(200, 200)) + 50);
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

describe('memory', () => {
  it('of decoded pictures is returned', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const bytes = await redJpeg();
    const large = { width: 512, height: 512, maxPixels: 10_000 };
    const decode = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await decodeImage(bytes, large);
        if (i % 5 === 0) collectGarbage();
      }
      return process.memoryUsage.rss();
    };
    const before = await decode(20);
    // 786 KB each.
    expect((await decode(120)) - before).toBeLessThan(50e6);
  }, 60_000);
});
