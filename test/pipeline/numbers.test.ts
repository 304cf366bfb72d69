import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import { guidanceEmbedding } from '../../server/src/pipeline/conditions/guidance-embedding.js';
import { openPixelCodec } from '../../server/src/pipeline/graphs/pixel-codec.js';
import type { VaeCodec } from '../../server/src/pipeline/graphs/vae-codec.js';
import { seededNoise } from '../../server/src/pipeline/noise.js';
import { makePicture } from './model-folder-fixture.js';

describe('seeded noise', () => {
  it('is the same for the same seed and size, and another for another seed', () => {
    expect(seededNoise(7, 100)(2)).toEqual(seededNoise(7, 100)(2));
    expect(seededNoise(7, 100)(0)).not.toEqual(seededNoise(8, 100)(0));
    expect(seededNoise(7, 100)(0)).not.toEqual(seededNoise(7, 100)(1));
  });

  it('does not depend on the order of asking', () => {
    const backwards = seededNoise(3, 64);
    const third = backwards(2);
    expect(backwards(0)).toEqual(seededNoise(3, 64)(0));
    expect(seededNoise(3, 64)(2)).toEqual(third);
  });

  it.each([0, 1, 0xffffffff])('is normal, seed %i', (seed) => {
    const values = seededNoise(seed, 200_000)(0);
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    // Four standard errors of each moment of N(0, 1).
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / values.length));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / values.length));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / values.length));
    expect(Math.max(...values.subarray(0, 100_000))).toBeGreaterThan(3.5);
  });
});

describe('pixels', () => {
  const size = { width: 8, height: 4 };
  const shape = { channels: 3, ...size };
  let codec: VaeCodec;

  beforeAll(async () => {
    codec = await openPixelCodec({ device: 'cpu', deviceId: 0, threads: 1 });
  });
  afterAll(() => codec.dispose());

  const planesOf = (pictures: readonly Uint8Array[]) => {
    const noise = new Float32Array(3 * 8 * 4);
    return codec.encode(
      pictures.map((picture) => ({ picture, noise, shares: { clean: 1, noise: 0 } })),
      size,
      shape,
    ) as Promise<Float32Array[]>;
  };

  it('become planes in -1..1, red first', async () => {
    const picture = makePicture(size);
    const [planes] = await planesOf([picture]);
    const wanted = Float32Array.from({ length: 96 }, (_, i) => picture[(i % 32) * 3 + Math.floor(i / 32)]! / 127.5 - 1);
    expect(maxDifference(planes!, wanted)).toBeLessThan(2e-7);
  });

  it('go to planes and back unchanged, every byte of them', async () => {
    const bytes = Uint8Array.from({ length: 288 }, (_, i) => i % 256);
    const pictures = [0, 1, 2].map((i) => bytes.subarray(96 * i, 96 * (i + 1)));
    expect(await codec.decode(await planesOf(pictures), shape)).toEqual(pictures);
  });

  it('are clamped and rounded half to even', async () => {
    // 0 stands for 127.5, the only half that single precision holds exactly.
    const values = [-3, 3, 0, (2 * 0.4) / 255 - 1, (2 * 1.6) / 255 - 1, 1];
    const [pixels] = await codec.decode([Float32Array.from([...values, ...values, ...values])], {
      channels: 3,
      height: 1,
      width: 6,
    });
    expect([...(pixels as Uint8Array)].filter((_, i) => i % 3 === 0)).toEqual([0, 255, 128, 0, 2, 255]);
  });

  it('move to another thread, each picture by itself', async () => {
    const pictures = [makePicture(size), makePicture(size, 1)];
    const [first, second] = (await codec.decode(await planesOf(pictures), shape)) as Uint8Array<ArrayBuffer>[];
    const moved = structuredClone(first!, { transfer: [first!.buffer] });
    expect([moved, second]).toEqual(pictures);
    expect(first!.buffer.byteLength).toBe(0);
  });

  it('of another size are refused', async () => {
    await expect(planesOf([new Uint8Array(5)])).rejects.toThrow(RangeError);
  });
});

describe('guidance embedding', () => {
  it('is all ones and zeros at guidance 1', () => {
    const embedding = guidanceEmbedding(1, 256);
    expect(embedding.subarray(0, 128).every((value) => value === 0)).toBe(true);
    expect(embedding.subarray(128).every((value) => value === 1)).toBe(true);
  });

  it('has the values that diffusers gives at 7.5', () => {
    // get_guidance_scale_embedding(torch.tensor(6.5), 256), diffusers 0.40.0.dev0.
    const sines = [-0.044785, 0.762861, -0.87103, 0.994766];
    const embedding = guidanceEmbedding(7.5, 256);
    sines.forEach((value, i) => expect(embedding[i]).toBeCloseTo(value, 3));
  });
});
