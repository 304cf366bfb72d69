import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../define.js';
import { colorAt, elementAt, nextFrames, pointer, pointerAt } from '../testing.fake.js';
import type { UnderpaintSketch } from './underpaint-sketch.js';

const RED = '#ff0000';
const WHITE = '#ffffff';

describe('strokes of <underpaint-sketch>', () => {
  let sketch: UnderpaintSketch;
  let canvas: HTMLCanvasElement;

  beforeEach(async () => {
    sketch = Object.assign(document.createElement('underpaint-sketch'), { ground: WHITE, color: RED, size: 20 });
    Object.assign(sketch.style, { width: '500px', margin: '40px' });
    sketch.smoothing = 0;
    document.body.append(sketch);
    await sketch.updateComplete;
    await nextFrames();
    canvas = sketch.renderRoot.querySelector('canvas')!;
    canvas.setPointerCapture = () => undefined;
  });
  afterEach(() => sketch.remove());

  const marks = () => sketch.state.marks.length;
  const key = (type: string, init: KeyboardEventInit) =>
    canvas.dispatchEvent(new KeyboardEvent(type, { bubbles: true, composed: true, cancelable: true, ...init }));
  const press = (name: string) => {
    key('keydown', { key: name });
    key('keyup', { key: name });
  };

  it('may start beside the sheet', async () => {
    const { right, top } = canvas.getBoundingClientRect();
    const start = { clientX: right + 6, clientY: top + 100 };
    pointerAt(elementAt(start.clientX, start.clientY), 'pointerdown', start);
    pointer(canvas, 'pointermove', { at: [0.5, 0.5] });
    pointer(canvas, 'pointerup', { at: [0.5, 0.5] });
    await nextFrames();
    expect(marks()).toBe(1);
    expect(colorAt(canvas, 0.5, 0.5)).toBe(RED);
    expect(sketch.renderRoot.querySelector('canvas:focus'), 'the sheet has the keys').toBe(canvas);
  });

  it.each([
    [0.002, 0.002],
    [0.998, 0.002],
    [0.002, 0.998],
    [0.998, 0.998],
  ])('may start in the round corner at %f, %f', async (x, y) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = { clientX: left + x * width, clientY: top + y * height };
    pointerAt(elementAt(at.clientX, at.clientY), 'pointerdown', at);
    pointerAt(canvas, 'pointerup', at);
    await nextFrames();
    expect(colorAt(canvas, Math.min(x, 0.99), Math.min(y, 0.99))).toBe(RED);
  });

  it('are undone by Ctrl+Z while they are drawn, and nothing else is', async () => {
    pointer(canvas, 'pointerdown', { at: [0.2, 0.2] });
    pointer(canvas, 'pointerup', { at: [0.2, 0.2] });
    pointer(canvas, 'pointerdown', { at: [0.2, 0.6] });
    pointer(canvas, 'pointermove', { at: [0.6, 0.6] });
    key('keydown', { key: 'z', ctrlKey: true });
    pointer(canvas, 'pointermove', { at: [0.8, 0.6] });
    await nextFrames();
    expect(colorAt(canvas, 0.4, 0.6)).toBe(WHITE);
    pointer(canvas, 'pointerup', { at: [0.8, 0.6] });
    await nextFrames();
    expect(marks()).toBe(1);
    expect(colorAt(canvas, 0.2, 0.2)).toBe(RED);
  });

  it('fill at the first press of the space bar', () => {
    sketch.tool = 'fill';
    press(' ');
    expect(sketch.state.marks).toHaveLength(1);
    press(' ');
    expect(sketch.state.marks).toHaveLength(2);
  });

  describe('leave no ring behind', () => {
    const ring = () => sketch.renderRoot.querySelector<HTMLElement>('.ring')!;
    beforeEach(() => {
      pointer(canvas, 'pointermove', { at: [0.5, 0.5], buttons: 0 });
      expect(ring().hidden).toBe(false);
    });

    it.each<readonly [string, () => unknown]>([
      ['a finger draws elsewhere', () => pointer(canvas, 'pointermove', { at: [0.1, 0.1], pointerType: 'touch' })],
      ['the system takes the pointer', () => pointer(canvas, 'pointercancel', { at: [0.5, 0.5] })],
      ['the window loses the focus', () => dispatchEvent(new Event('blur'))],
      ['the keyboard moves the cross', () => press('ArrowLeft')],
    ])('when %s', (_name, act) => {
      act();
      expect(ring().hidden).toBe(true);
    });

    it('when the sheet leaves the document', async () => {
      sketch.remove();
      await new Promise((resolve) => setTimeout(resolve, 20));
      document.body.append(sketch);
      await sketch.updateComplete;
      expect(ring().hidden).toBe(true);
    });

    it('with another size', async () => {
      sketch.size = 40;
      await sketch.updateComplete;
      expect(ring().offsetWidth / canvas.offsetWidth).toBeCloseTo(40 / 256, 2);
    });
  });
});
