import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../define.js';
import { nextFrames, pointer } from '../testing.fake.js';
import type { UnderpaintSketch } from './underpaint-sketch.js';

describe('<underpaint-sketch>', () => {
  let sketch: UnderpaintSketch;
  let canvas: HTMLCanvasElement;

  beforeEach(async () => {
    sketch = document.createElement('underpaint-sketch');
    sketch.style.width = '500px';
    sketch.ground = '#ffffff';
    sketch.color = '#ff0000';
    sketch.size = 20;
    document.body.append(sketch);
    await sketch.updateComplete;
    await nextFrames();
    canvas = sketch.renderRoot.querySelector('canvas')!;
  });
  afterEach(() => sketch.remove());

  /** The colour at a place given as fractions of the canvas. */
  function colorAt(x: number, y: number): string {
    const data = canvas.getContext('2d')!.getImageData(x * canvas.width, y * canvas.height, 1, 1).data;
    return `#${[...data.subarray(0, 3)].map((level) => level.toString(16).padStart(2, '0')).join('')}`;
  }

  async function drag(from: [number, number], to: [number, number], init: PointerEventInit = {}): Promise<void> {
    pointer(canvas, 'pointerdown', { at: from, ...init });
    for (let i = 1; i <= 8; i++) {
      const at = [from[0] + ((to[0] - from[0]) * i) / 8, from[1] + ((to[1] - from[1]) * i) / 8] as const;
      pointer(canvas, 'pointermove', { at, ...init });
    }
    await nextFrames();
    pointer(canvas, 'pointerup', { at: to, ...init });
    await nextFrames();
  }

  it('restores layers and paper with the marks', async () => {
    const layers = ['Land', 'Sky'].map((name, id) => ({ id, name, isHidden: false, opacity: 1 }));
    await sketch.restore({ marks: [], background: null, layers, paper: '#00ff00' });
    expect(sketch.state).toMatchObject({ layers, paper: '#00ff00' });
    await nextFrames();
    expect(colorAt(0.5, 0.5)).toBe('#00ff00');
    await sketch.restore({ marks: [], background: null });
    expect([sketch.state.layers?.length, sketch.state.paper]).toEqual([1, 'model']);
  });

  it.each(['mouse', 'pen', 'touch'])('draws with %s', async (pointerType) => {
    await drag([0.2, 0.5], [0.8, 0.5], { pointerType, pressure: 0.9 });
    expect(colorAt(0.5, 0.5)).toBe('#ff0000');
    expect(colorAt(0.5, 0.9)).toBe('#ffffff');
  });

  it('shows a stroke while it is drawn, and reports it', async () => {
    let changes = 0;
    sketch.addEventListener('up-sketch', () => (changes += 1));
    pointer(canvas, 'pointerdown', { at: [0.2, 0.5] });
    pointer(canvas, 'pointermove', { at: [0.5, 0.5] });
    pointer(canvas, 'pointermove', { at: [0.8, 0.5] });
    await nextFrames();
    expect(colorAt(0.5, 0.5)).toBe('#ff0000');
    expect(changes).toBeGreaterThan(0);
    pointer(canvas, 'pointercancel', { at: [0.8, 0.5] });
    await nextFrames();
    expect(colorAt(0.5, 0.5), 'the system took the pointer').toBe('#ff0000');
  });

  it('erases down to the ground', async () => {
    await drag([0.2, 0.5], [0.8, 0.5]);
    sketch.tool = 'eraser';
    await drag([0.5, 0.3], [0.5, 0.7]);
    expect(colorAt(0.5, 0.5)).toBe('#ffffff');
    expect(colorAt(0.3, 0.5)).toBe('#ff0000');
  });

  it('draws areas, lines, rectangles and ellipses', async () => {
    sketch.tool = 'rectangle';
    await drag([0.1, 0.1], [0.3, 0.3]);
    expect(colorAt(0.2, 0.2)).toBe('#ff0000');
    sketch.tool = 'ellipse';
    await drag([0.6, 0.1], [0.9, 0.3]);
    expect(colorAt(0.75, 0.2)).toBe('#ff0000');
    expect(colorAt(0.61, 0.11)).toBe('#ffffff');
    sketch.tool = 'line';
    await drag([0.1, 0.8], [0.9, 0.8]);
    expect(colorAt(0.5, 0.8)).toBe('#ff0000');
  });

  it('fills an area of one colour and stops at lines', async () => {
    sketch.tool = 'rectangle';
    await drag([0.45, 0], [0.55, 1]);
    sketch.tool = 'fill';
    sketch.color = '#0000ff';
    await drag([0.2, 0.5], [0.2, 0.5]);
    expect(colorAt(0.1, 0.9)).toBe('#0000ff');
    expect(colorAt(0.5, 0.5)).toBe('#ff0000');
    expect(colorAt(0.9, 0.5)).toBe('#ffffff');
  });

  it('picks the colour under the pointer', async () => {
    await drag([0.2, 0.5], [0.8, 0.5]);
    sketch.color = '#000000';
    sketch.tool = 'pick';
    await drag([0.5, 0.5], [0.5, 0.5]);
    expect(sketch.color).toBe('#ff0000');
  });

  it('undoes and redoes 120 strokes exactly', async () => {
    const before = canvas.toDataURL();
    for (let i = 0; i < 120; i++) {
      pointer(canvas, 'pointerdown', { at: [(i % 12) / 12, i / 120] });
      pointer(canvas, 'pointerup', { at: [(i % 12) / 12, i / 120] });
    }
    await nextFrames();
    const after = canvas.toDataURL();
    for (let i = 0; i < 120; i++) sketch.undo();
    await nextFrames();
    expect(canvas.toDataURL()).toBe(before);
    for (let i = 0; i < 120; i++) sketch.redo();
    await nextFrames();
    expect(canvas.toDataURL()).toBe(after);
  });

  it('restores a cleared drawing with one undo', async () => {
    await drag([0.2, 0.5], [0.8, 0.5]);
    sketch.clear();
    await nextFrames();
    expect(colorAt(0.5, 0.5)).toBe('#ffffff');
    sketch.undo();
    await nextFrames();
    expect(colorAt(0.5, 0.5)).toBe('#ff0000');
  });

  it('shows the thickness of the line at a mouse or pen, for tools with a thickness', async () => {
    const ring = sketch.renderRoot.querySelector<HTMLElement>('.ring')!;
    expect(ring.hidden).toBe(true);
    pointer(canvas, 'pointermove', { at: [0.5, 0.5], pointerType: 'touch' });
    expect(ring.hidden, 'a finger covers it').toBe(true);
    pointer(canvas, 'pointermove', { at: [0.5, 0.5] });
    expect(ring.hidden).toBe(false);
    expect(ring.offsetWidth / canvas.offsetWidth).toBeCloseTo(sketch.size / 256, 2);
    sketch.tool = 'fill';
    await sketch.updateComplete;
    expect(ring.hidden).toBe(true);
  });

  it('keeps the drawing when the shape of the pictures changes', async () => {
    await drag([0.2, 0.25], [0.8, 0.25]);
    sketch.shape = { width: 512, height: 256 };
    await sketch.updateComplete;
    await nextFrames();
    expect(canvas.width / canvas.height).toBe(2);
    expect(colorAt(0.5, 0.5)).toBe('#ff0000');
  });
});
