import { describe, expect, it } from 'vitest';
import { InkLayer } from './ink-layer.js';
import type { Mark } from './marks.js';
import { createLayer, rasterSize, SQUARE } from './raster.js';

const SIZE = rasterSize(SQUARE);
const AIDS = { size: SIZE, ground: createLayer(SIZE).canvas, picture: () => undefined };

/** Marks painted so far. */
let painted = 0;

function line(x: number): Mark {
  const at = { from: [x % 256, 10], to: [(7 * x) % 256, 240] } as const;
  return {
    kind: 'line',
    size: 6,
    color: `hsl(${x * 37} 80% 50%)`,
    ...at,
    get opacity() {
      painted += 1;
      return 0.8;
    },
  };
}

function pixels(ink: InkLayer): string {
  const context = ink.canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  return context.getImageData(0, 0, SIZE.width, SIZE.height).data.join();
}

function fresh(marks: readonly Mark[]): InkLayer {
  const ink = new InkLayer(AIDS);
  ink.show(marks, 1);
  return ink;
}

/** Marks painted by showing a list. */
function cost(ink: InkLayer, marks: readonly Mark[], sharers = 1): number {
  painted = 0;
  ink.show(marks, sharers);
  return painted;
}

const lines = (count: number, from = 0) => Array.from({ length: count }, (_, index) => line(from + index));

describe('a layer of ink', () => {
  const before = lines(120);
  const moved = [...lines(60, 500), ...before.slice(60)];

  it('paints nothing again for undo and redo of a change to its first marks, also beside seven other layers', () => {
    for (const sharers of [1, 8]) {
      const ink = fresh(before);
      ink.show(moved, sharers);
      expect(cost(ink, before, sharers)).toBe(0);
      expect(pixels(ink)).toBe(pixels(fresh(before)));
      expect(cost(ink, moved, sharers)).toBe(0);
      expect(pixels(ink)).toBe(pixels(fresh(moved)));
      expect(cost(ink, [...before, line(7)], sharers)).toBe(1);
      expect(pixels(ink)).toBe(pixels(fresh([...before, line(7)])));
    }
  });

  it('goes back over several such changes', () => {
    const ink = fresh(before);
    const states = [before, ...[600, 700, 800].map((from) => [...lines(60, from), ...before.slice(60)])];
    for (const state of states) ink.show(state, 1);
    for (const state of states.toReversed()) {
      expect(cost(ink, state)).toBe(0);
      expect(pixels(ink)).toBe(pixels(fresh(state)));
    }
  });

  it('paints everything again after the ground has changed', () => {
    const ink = fresh(before);
    ink.show(moved, 1);
    ink.reset();
    expect(cost(ink, before)).toBe(120);
  });
});
