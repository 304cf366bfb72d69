import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import type { Mark } from '../../drawing/marks.js';
import { colorAt, nextFrames, pointer } from '../testing.fake.js';
import type { UnderpaintSketch } from './underpaint-sketch.js';

const RED = '#ff0000';
const BLUE = '#0000ff';
const WHITE = '#ffffff';
type Place = readonly [x: number, y: number];

/** A square of 40 x 40 units about a middle given in units. */
const square = (color: string, [x, y]: Place): Mark => ({
  kind: 'rectangle',
  color,
  size: 1,
  opacity: 1,
  from: [x - 20, y - 20],
  to: [x + 20, y + 20],
});

describe('the selection of <underpaint-sketch>', () => {
  let sketch: UnderpaintSketch;
  let canvas: HTMLCanvasElement;

  beforeEach(async () => {
    sketch = Object.assign(document.createElement('underpaint-sketch'), { ground: WHITE });
    sketch.style.width = '562px';
    document.body.append(sketch);
    await sketch.updateComplete;
    canvas = sketch.renderRoot.querySelector('canvas')!;
    sketch.drawing.add(square(RED, [64, 64]));
    sketch.drawing.add(square(BLUE, [192, 64]));
    sketch.choose({ tool: 'select' });
    await vi.waitFor(() => expect(sketch.renderRoot.querySelector('.selection')).not.toBeNull(), { timeout: 5_000 });
    await nextFrames();
  });
  afterEach(() => sketch.remove());

  const units = ([x, y]: Place): Place => [x / 256, y / 256];
  const drag = async (from: Place, to: Place, init: PointerEventInit = {}) => {
    pointer(canvas, 'pointerdown', { at: units(from), ...init });
    pointer(canvas, 'pointermove', { at: units([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]), ...init });
    pointer(canvas, 'pointermove', { at: units(to), ...init });
    await nextFrames();
    pointer(canvas, 'pointerup', { at: units(to), ...init });
    await nextFrames();
  };
  const click = (at: Place, init: PointerEventInit = {}) => drag(at, at, init);
  const key = (name: string, init: KeyboardEventInit = {}) =>
    canvas.dispatchEvent(
      new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true, cancelable: true, ...init }),
    );
  const color = async (x: number, y: number) => {
    await nextFrames();
    return colorAt(canvas, x / 256, y / 256);
  };
  const marks = () => sketch.state.marks;
  /** Centre of a handle, in units. */
  const handle = (index: number): Place => {
    const circle = sketch.renderRoot.querySelectorAll('.selection circle')[index]!;
    return [Number(circle.getAttribute('cx')), Number(circle.getAttribute('cy'))];
  };

  it('moves the mark under the pointer, shows it meanwhile, and is undone in one step', async () => {
    const [{ id }] = marks() as [Mark];
    pointer(canvas, 'pointerdown', { at: units([64, 64]) });
    pointer(canvas, 'pointermove', { at: units([84, 184]) });
    const before = sketch.state;
    // What paints it is made on first use.
    await vi.waitFor(async () => expect([await color(84, 184), await color(64, 64)]).toEqual([RED, WHITE]));
    expect(sketch.state, 'the drawing changes at the end').toBe(before);
    pointer(canvas, 'pointerup', { at: units([84, 184]) });
    expect([await color(84, 184), await color(64, 64)]).toEqual([RED, WHITE]);
    expect(marks()[0]!.id).toBe(id);
    sketch.undo();
    expect([await color(84, 184), await color(64, 64)]).toEqual([WHITE, RED]);
  });

  it('selects with a marquee, and deletes with a key', async () => {
    await drag([20, 20], [240, 120]);
    key('Delete');
    expect(marks()).toHaveLength(0);
    sketch.undo();
    expect(marks()).toHaveLength(2);
  });

  it('adds to the selection with Shift, and takes away from it', async () => {
    await click([64, 64]);
    await click([192, 64], { shiftKey: true });
    await drag([64, 64], [64, 164]);
    expect([await color(64, 164), await color(192, 164)]).toEqual([RED, BLUE]);
    await click([192, 164], { shiftKey: true });
    key('Backspace');
    expect([await color(64, 164), await color(192, 164)]).toEqual([WHITE, BLUE]);
  });

  it('scales about the opposite corner, with equal sides if Shift is held', async () => {
    await click([64, 64]);
    await drag(handle(3), [84 + 40, 84]);
    expect([await color(120, 70), await color(120, 90)]).toEqual([RED, WHITE]);
    await drag(handle(3), [124, 124], { shiftKey: true });
    expect(await color(120, 120)).toBe(RED);
  });

  it('turns about the middle', async () => {
    await click([64, 64]);
    const [x, y] = handle(0);
    const reach = 64 - y;
    await drag([x, y], [64 + reach * Math.SQRT1_2, 64 - reach * Math.SQRT1_2]);
    expect([await color(64 + 26, 64), await color(64 + 18, 64 + 18)]).toEqual([RED, WHITE]);
  });

  it('duplicates, selects all, and nudges with the arrow keys', async () => {
    key('a', { ctrlKey: true, code: 'KeyA' });
    key('d', { ctrlKey: true, code: 'KeyD' });
    expect(marks()).toHaveLength(4);
    expect(new Set(marks().map(({ id }) => id)).size).toBe(4);
    for (let i = 0; i < 9; i++) key('ArrowDown', { shiftKey: true });
    expect([await color(72, 160), await color(64, 64)], 'only the copies moved').toEqual([RED, RED]);
    key('Escape');
    expect(sketch.renderRoot.querySelector('.selection polygon')).not.toBeNull();
    await nextFrames();
    expect(sketch.renderRoot.querySelector('.selection polygon')).toBeNull();
  });

  it('changes the order', async () => {
    sketch.drawing.add(square(WHITE, [74, 64]));
    await click([50, 64]);
    expect(await color(70, 64)).toBe(WHITE);
    key(']', { ctrlKey: true, code: 'BracketRight' });
    expect(marks().map((mark) => 'color' in mark && mark.color)).toEqual([BLUE, RED, WHITE]);
    key('}', { ctrlKey: true, shiftKey: true, code: 'BracketRight' });
    expect(await color(70, 64)).toBe(RED);
    sketch.renderRoot.querySelector<HTMLButtonElement>('[aria-label="To the back"]')!.click();
    expect(await color(70, 64)).toBe(WHITE);
  });

  it('takes along what was erased from a mark', async () => {
    const points = [[64, 64, 0.5]] as const;
    sketch.drawing.add({ kind: 'eraser', color: RED, size: 12, opacity: 1, smoothing: 0, pressure: false, points });
    await drag([50, 50], [50, 180]);
    expect([await color(64, 194), await color(50, 180)]).toEqual([WHITE, RED]);
    sketch.undo();
    expect(await color(64, 64)).toBe(WHITE);
  });

  it('puts a pasted or dropped picture on top, at its own proportions, selected', async () => {
    const context = new OffscreenCanvas(400, 100).getContext('2d')!;
    context.fillStyle = '#00ff00';
    context.fillRect(0, 0, 400, 100);
    const files = new DataTransfer();
    files.items.add(new File([await context.canvas.convertToBlob()], 'wide.png', { type: 'image/png' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: files, cancelable: true }));
    await vi.waitFor(() => expect(marks()).toHaveLength(3));
    const { box } = marks()[2] as { box: Place };
    expect(box[0] / box[1]).toBeCloseTo(4, 1);
    expect([await color(128, 128), await color(128, 180), await color(64, 64)]).toEqual(['#00ff00', WHITE, RED]);
    await drag([128, 128], [128, 200]);
    expect([await color(128, 200), await color(128, 128)]).toEqual(['#00ff00', WHITE]);
    expect(sketch.state.background).toBeNull();
  });

  it('moves nothing while the drawing is not editable', async () => {
    await click([64, 64]);
    vi.spyOn(sketch.drawing, 'isEditable', 'get').mockReturnValue(false);
    sketch.requestUpdate();
    await drag([64, 64], [64, 164]);
    expect(await color(64, 64)).toBe(RED);
    vi.restoreAllMocks();
  });
});
