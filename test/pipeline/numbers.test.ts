import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16, toFloat16Bits } from '../../server/src/pipeline/graphs/float16.js';
import { guidanceEmbedding } from '../../server/src/pipeline/conditions/guidance-embedding.js';
import { pixelsToTensor, tensorToPixels } from '../../server/src/pipeline/graphs/pixels.js';
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

describe('half precision', () => {
  it('gives every number back', () => {
    const numbers = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter((bits) => (bits & 0x7fff) <= 0x7c00);
    expect(toFloat16(fromFloat16(numbers))).toEqual(numbers);
  });

  it.each([
    [1 + 2 ** -11, 0x3c00, 'a tie to the even one below'],
    [1 + 3 * 2 ** -11, 0x3c02, 'a tie to the even one above'],
    [65_519, 0x7bff, 'the greatest'],
    [65_520, 0x7c00, 'beyond it, infinity'],
    [2 ** -25, 0, 'half of the smallest to zero'],
    [-(2 ** -24), 0x8001, 'the smallest, negative'],
    [2 ** -14 - 2 ** -26, 0x0400, 'rounding up into the normal numbers'],
  ])('rounds %f to 0x%s: %s', (value, bits) => {
    expect(toFloat16Bits(value)).toBe(bits);
  });

  it('keeps NaN', () => {
    expect(fromFloat16(toFloat16(Float32Array.of(NaN)))[0]).toBeNaN();
  });
});

describe('pixels', () => {
  const size = { width: 8, height: 4 };

  it.each(['float32', 'float16'] as const)('go to planes of %s and back unchanged', (type) => {
    const pictures = [makePicture(size), makePicture(size, 1)];
    const tensor = pixelsToTensor(pictures, size, type);
    expect(tensor.shape).toEqual([2, 3, 4, 8]);
    expect(tensorToPixels(tensor)).toEqual(pictures);
  });

  it('are clamped and rounded half to even', () => {
    // 0 stands for 127.5, the only half that single precision holds exactly.
    const values = [-3, 3, 0, (2 * 0.4) / 255 - 1, (2 * 1.6) / 255 - 1, 1];
    const data = Float32Array.from(values.flatMap((value) => [value, value, value]));
    const planes = Float32Array.from({ length: 18 }, (_, i) => data[(i % 6) * 3]!);
    const [pixels] = tensorToPixels({ type: 'float32', data: planes, shape: [1, 3, 1, 6] });
    expect([...pixels!].filter((_, i) => i % 3 === 0)).toEqual([0, 255, 128, 0, 2, 255]);
  });

  it.each(['float32', 'float16'] as const)('made of %s move to another thread, each by itself', (type) => {
    const pictures = [makePicture(size), makePicture(size, 1)];
    const [first, second] = tensorToPixels(pixelsToTensor(pictures, size, type));
    const moved = structuredClone(first!, { transfer: [first!.buffer] });
    expect([moved, second]).toEqual(pictures);
    expect(first!.buffer.byteLength).toBe(0);
  });

  it('of another size are refused', () => {
    expect(() => pixelsToTensor([new Uint8Array(5)], size, 'float32')).toThrow(RangeError);
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
