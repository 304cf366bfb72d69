import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../define.js';
import { colorAt, nextFrames, pointer, pointerAt } from '../testing.fake.js';
import type { UnderpaintSketch } from './underpaint-sketch.js';

const RED = '#ff0000';
const WHITE = '#ffffff';
type Place = readonly [x: number, y: number];

describe('pens, fingers and keys of <underpaint-sketch>', () => {
  let sketch: UnderpaintSketch;
  let canvas: HTMLCanvasElement;

  beforeEach(async () => {
    sketch = Object.assign(document.createElement('underpaint-sketch'), { ground: WHITE, color: RED, size: 20 });
    sketch.style.width = '500px';
    sketch.smoothing = 0;
    document.body.append(sketch);
    await sketch.updateComplete;
    await nextFrames();
    canvas = sketch.renderRoot.querySelector('canvas')!;
  });
  afterEach(() => sketch.remove());

  const touch = (type: string, pointerId: number, at: Place) =>
    pointer(canvas, type, { pointerType: 'touch', pointerId, at });
  const pen = (type: string, at: Place, init: PointerEventInit = {}) =>
    pointer(canvas, type, { pointerType: 'pen', pointerId: 9, at, ...init });
  const mouse = (from: Place, to: Place, init: PointerEventInit = {}) => {
    pointer(canvas, 'pointerdown', { at: from, ...init });
    pointer(canvas, 'pointermove', { at: to, ...init });
    pointer(canvas, 'pointerup', { at: to, ...init });
  };
  const key = (type: string, init: KeyboardEventInit, target: EventTarget = document.body) =>
    target.dispatchEvent(new KeyboardEvent(type, { bubbles: true, composed: true, cancelable: true, ...init }));
  const last = () => sketch.state.marks.at(-1);
  const tap = (...fingers: readonly Place[]) => {
    fingers.forEach((at, id) => touch('pointerdown', id, at));
    fingers.forEach((at, id) => touch('pointerup', id, at));
  };

  it('a pen wins over a palm that came before it', async () => {
    touch('pointerdown', 1, [0.8, 0.8]);
    touch('pointermove', 1, [0.82, 0.8]);
    pen('pointerdown', [0.2, 0.2]);
    pen('pointermove', [0.6, 0.2]);
    touch('pointermove', 1, [0.8, 0.7]);
    pen('pointerup', [0.6, 0.2]);
    touch('pointerup', 1, [0.8, 0.7]);
    await nextFrames();
    expect(colorAt(canvas, 0.4, 0.2)).toBe(RED);
    expect(sketch.state.marks, 'only the line of the pen').toHaveLength(1);
    expect(sketch.transform, 'the view stays').toBe('none');
  });

  it('the eraser end of a pen erases', async () => {
    mouse([0.2, 0.5], [0.8, 0.5]);
    pen('pointerdown', [0.5, 0.4], { button: 5, buttons: 32 });
    pen('pointermove', [0.5, 0.6], { button: -1, buttons: 32 });
    pen('pointerup', [0.5, 0.6], { button: 5, buttons: 0 });
    await nextFrames();
    expect(last()?.kind).toBe('eraser');
    expect(colorAt(canvas, 0.5, 0.5)).toBe(WHITE);
    expect(sketch.tool, 'the other end is still the pen').toBe('stroke');
  });

  it('a stroke that the system cancels keeps what was drawn so far', () => {
    pen('pointerdown', [0.2, 0.5]);
    pen('pointermove', [0.6, 0.5]);
    pen('pointercancel', [0.6, 0.5]);
    expect(last()?.kind).toBe('stroke');
    touch('pointerdown', 1, [0.8, 0.8]);
    touch('pointercancel', 1, [0.8, 0.8]);
    expect(sketch.state.marks, 'a touch that did not move may be a palm').toHaveLength(1);
  });

  it.each(['rotate(30deg)', 'skewX(20deg)', 'rotate(-120deg) skewY(15deg) scale(0.7)'])(
    'draws under the pointer on a sheet with %s',
    async (transform) => {
      const place = document.createElement('div');
      Object.assign(place.style, { position: 'fixed', left: '400px', top: '300px', width: '500px' });
      Object.assign(place.style, { transform, transformOrigin: '0 0' });
      document.body.append(place);
      place.append(sketch);
      await nextFrames();
      // The place of the canvas in the box before the transform.
      place.style.transform = 'none';
      const box = canvas.getBoundingClientRect();
      place.style.transform = transform;
      const at = new DOMMatrix(transform).transformPoint({
        x: box.left - 400 + 0.7 * box.width,
        y: box.top - 300 + 0.3 * box.height,
      });
      const init = { clientX: 400 + at.x, clientY: 300 + at.y };
      pointerAt(canvas, 'pointermove', { ...init, buttons: 0 });
      const ring = sketch.renderRoot.querySelector<HTMLElement>('.ring')!;
      expect([parseFloat(ring.style.left), parseFloat(ring.style.top)]).toEqual([
        expect.closeTo(70, 0),
        expect.closeTo(30, 0),
      ]);
      pointerAt(canvas, 'pointerdown', init);
      pointerAt(canvas, 'pointerup', init);
      await nextFrames();
      place.remove();
      const [[x, y]] = (last() as unknown as { points: [[number, number]] }).points;
      expect([x / 256, y / 256]).toEqual([expect.closeTo(0.7, 2), expect.closeTo(0.3, 2)]);
    },
  );

  it.each([
    ['я', 'KeyZ', { ctrlKey: true }, 0],
    ['и', 'KeyB', {}, 1],
    ['у', 'KeyE', {}, 1],
    ['х', 'BracketLeft', {}, 1],
  ] as const)('understands %s on a keyboard that is not Latin as %s', (...[name, code, init, left]) => {
    mouse([0.2, 0.2], [0.4, 0.2]);
    sketch.tool = code === 'KeyB' ? 'eraser' : 'stroke';
    const { size } = sketch;
    key('keydown', { key: name, code, ...init }, canvas);
    expect(sketch.state.marks).toHaveLength(left);
    if (code === 'KeyB') expect(sketch.tool).toBe('stroke');
    if (code === 'KeyE') expect(sketch.tool).toBe('eraser');
    if (code === 'BracketLeft') expect(sketch.size).toBeLessThan(size);
  });

  it('moves the view with the space bar held, and draws nothing', async () => {
    sketch.zoom(2);
    pointer(canvas, 'pointermove', { at: [0.5, 0.5], buttons: 0 });
    const before = sketch.transform;
    expect(key('keydown', { key: ' ' }), 'the page must not scroll').toBe(false);
    await sketch.updateComplete;
    expect(canvas.dataset['tool']).toBe('pan');
    mouse([0.5, 0.5], [0.45, 0.45]);
    key('keyup', { key: ' ' });
    expect(sketch.transform).not.toBe(before);
    expect(sketch.state.marks).toHaveLength(0);
    mouse([0.5, 0.5], [0.45, 0.45]);
    expect(sketch.state.marks, 'afterwards it draws').toHaveLength(1);
  });

  it.each([
    ['rectangle', [0.2, 0.2], [0.6, 0.3], 1],
    ['ellipse', [0.6, 0.6], [0.5, 0.2], 1],
    ['line', [0.2, 0.2], [0.61, 0.58], 1],
    ['line', [0.2, 0.2], [0.6, 0.22], 0],
  ] as const)('constrains a %s while Shift is held', (...[tool, from, to, ratio]) => {
    sketch.tool = tool;
    mouse(from, to, { shiftKey: true });
    const { from: a, to: b } = last() as unknown as { from: Place; to: Place };
    expect(Math.abs(b[1] - a[1]) / Math.abs(b[0] - a[0])).toBeCloseTo(ratio, 5);
  });

  it('constrains also when Shift is pressed during the drag', async () => {
    sketch.tool = 'rectangle';
    pointer(canvas, 'pointerdown', { at: [0.1, 0.1] });
    pointer(canvas, 'pointermove', { at: [0.6, 0.2] });
    key('keydown', { key: 'Shift' });
    await nextFrames();
    expect(colorAt(canvas, 0.5, 0.5), 'at once').toBe(RED);
    key('keyup', { key: 'Shift' });
    await nextFrames();
    expect(colorAt(canvas, 0.5, 0.5)).toBe(WHITE);
    pointer(canvas, 'pointerup', { at: [0.6, 0.2] });
  });

  it('picks a colour while Alt is held, and keeps the tool', async () => {
    mouse([0.2, 0.5], [0.8, 0.5]);
    await nextFrames();
    Object.assign(sketch, { tool: 'rectangle', color: '#000000' });
    mouse([0.5, 0.5], [0.5, 0.5], { altKey: true });
    expect([sketch.color, sketch.tool]).toEqual([RED, 'rectangle']);
    expect(sketch.state.marks).toHaveLength(1);
  });

  it('goes back to the last tool after a colour was picked', async () => {
    sketch.tool = 'ellipse';
    await sketch.updateComplete;
    sketch.tool = 'pick';
    await sketch.updateComplete;
    mouse([0.5, 0.5], [0.6, 0.5]);
    expect([sketch.tool, sketch.color]).toEqual(['ellipse', WHITE]);
  });

  it('undoes with a tap of two fingers and redoes with three', () => {
    mouse([0.2, 0.2], [0.4, 0.2]);
    tap([0.3, 0.5], [0.6, 0.5]);
    expect(sketch.state.marks).toHaveLength(0);
    tap([0.3, 0.5], [0.6, 0.5], [0.5, 0.3]);
    expect(sketch.state.marks).toHaveLength(1);
    expect(sketch.transform).toBe('none');
  });

  it('picks the colour under a finger that rests', async () => {
    mouse([0.2, 0.5], [0.8, 0.5]);
    await nextFrames();
    sketch.color = '#000000';
    touch('pointerdown', 1, [0.5, 0.5]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(sketch.color).toBe(RED);
    touch('pointerup', 1, [0.5, 0.5]);
    expect(sketch.state.marks, 'and draws nothing').toHaveLength(1);
    expect(sketch.tool).toBe('stroke');
  });
});
