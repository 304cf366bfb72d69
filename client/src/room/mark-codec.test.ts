import { describe, expect, it } from 'vitest';
import type { Mark, StrokePoint } from '../drawing/marks.js';
import { decodeMark, encodeMark } from './mark-codec.js';

const FILE = new Uint8Array([1, 2, 3]);
const BLOB = new Blob([FILE]);
const look = { color: '#2f4a35', opacity: 1 } as const;
const MARKS: readonly Mark[] = [
  { kind: 'stroke', ...look, size: 12, smoothing: 0.6, pressure: false, points: [[1, 2, 0.5]] },
  {
    kind: 'eraser',
    ...look,
    size: 3.5,
    smoothing: 0.2,
    pressure: true,
    points: [
      [0, 0, 0],
      [255.5, -3.25, 1],
    ],
  },
  {
    kind: 'area',
    ...look,
    opacity: 0.4,
    points: [
      [1, 2],
      [3, 4],
      [0, 9],
    ],
  },
  { kind: 'line', ...look, size: 2, from: [0, 0], to: [256, 256] },
  { kind: 'rectangle', ...look, size: 2, from: [9, 9], to: [-1, -1] },
  { kind: 'ellipse', ...look, size: 2, from: [1, 1], to: [2, 2] },
  { kind: 'fill', ...look, at: [128.0625, 3] },
  { kind: 'picture', opacity: 1, blob: BLOB },
  { kind: 'picture', opacity: 1, blob: BLOB, box: [100, 75.5] },
  {
    kind: 'line',
    ...look,
    size: 2,
    from: [0, 0],
    to: [9, 9],
    id: 2 ** 40 - 1,
    layer: 7,
    matrix: [0, 2, -2, 0, 0.5, -9],
  },
];

const encode = (mark: Mark) => encodeMark(mark, () => FILE);
const decode = (bytes: Uint8Array) => decodeMark(bytes, () => BLOB);

describe('the mark codec', () => {
  it.each(MARKS.map((mark) => [mark.kind, mark] as const))('decodes a %s as it was encoded', (_kind, mark) => {
    expect(decode(encode(mark))).toEqual(mark);
  });

  it('rounds a mark the first time only', () => {
    const points = Array.from({ length: 50 }, (_, i): StrokePoint => [i * 1.2345, Math.sin(i) * 70, i / 50]);
    const mark: Mark = { kind: 'stroke', ...look, size: 7.77, smoothing: 0.55, pressure: true, points };
    const once = decode(encode(mark))!;
    expect(decode(encode(once))).toEqual(once);
    const [x, y, pressure] = (once as typeof mark).points[31]!;
    expect([x, y, pressure]).toEqual([
      expect.closeTo(31 * 1.2345, 1),
      expect.closeTo(Math.sin(31) * 70, 1),
      expect.closeTo(0.62, 2),
    ]);
  });

  it('encodes a long stroke in less than a kilobyte', () => {
    const points = Array.from({ length: 400 }, (_, i): StrokePoint => [
      128 + 90 * Math.cos(i / 25),
      128 + 90 * Math.sin(i / 25),
      0.5,
    ]);
    const size = encode({ kind: 'stroke', ...look, size: 12, smoothing: 0.5, pressure: false, points }).length;
    expect(size).toBeLessThan(1000);
  });

  it('decodes truncated and random bytes to null, without an error', () => {
    const seed = Date.now() % 100_000;
    console.info(`seed ${seed}`);
    let state = seed;
    const random = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    for (const mark of MARKS) {
      const bytes = encode(mark);
      for (let length = 0; length < bytes.length; length++) expect(decode(bytes.slice(0, length))).toBeNull();
    }
    for (let i = 0; i < 2_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => random() * 256);
      expect(() => decode(bytes)).not.toThrow();
    }
  });
});
