import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { layersOf } from '../../drawing/drawing.js';
import type { Mark } from '../../drawing/marks.js';
import { colorAt, expectAccessible, nextFrames } from '../testing.fake.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintLayers } from './underpaint-layers.js';

const RED = '#ff0000';
const BLUE = '#0000ff';
const WHITE = '#ffffff';
/** Red under half-transparent blue, give or take a level of rounding. */
const HALF = /^#(7e|7f|80)00(7e|7f|80)$/;

const sheet = (color: string, layer?: number): Mark => ({
  kind: 'rectangle',
  color,
  size: 1,
  opacity: 1,
  from: [0, 0],
  to: [256, 256],
  ...(layer !== undefined && { layer }),
});
const hole = (layer: number): Mark => ({
  kind: 'eraser',
  color: RED,
  size: 60,
  opacity: 1,
  smoothing: 0,
  pressure: false,
  points: [[128, 128, 0.5]],
  layer,
});

describe('<underpaint-layers>', () => {
  let sketch: UnderpaintSketch;
  let canvas: HTMLCanvasElement;
  let layers: UnderpaintLayers;

  beforeEach(async () => {
    sketch = Object.assign(document.createElement('underpaint-sketch'), { ground: WHITE });
    sketch.style.width = '562px';
    document.body.append(sketch);
    await sketch.updateComplete;
    canvas = sketch.renderRoot.querySelector('canvas')!;
    const toolbar = sketch.renderRoot.querySelector('underpaint-toolbar')!;
    toolbar.shadowRoot!.querySelector<HTMLButtonElement>('[aria-label=Layers]')!.click();
    await vi.waitFor(() => expect(sketch.renderRoot.querySelector('underpaint-layers')?.shadowRoot).toBeTruthy(), {
      timeout: 5_000,
    });
    layers = sketch.renderRoot.querySelector('underpaint-layers')!;
  });
  afterEach(() => sketch.remove());

  const settled = async () => {
    await nextFrames();
    await layers.updateComplete;
  };
  const press = async (label: string) => {
    await settled();
    layers.shadowRoot!.querySelector<HTMLButtonElement>(`[aria-label="${label}"]`)!.click();
    await settled();
  };
  const color = async (x = 0.5, y = 0.5) => {
    await settled();
    return colorAt(canvas, x, y);
  };
  const slide = async (opacity: number, row = 0) => {
    await settled();
    const slider = layers.shadowRoot!.querySelectorAll<HTMLInputElement>('input[type=range]')[row]!;
    slider.value = String(opacity);
    slider.dispatchEvent(new InputEvent('input'));
  };

  it('draws on the chosen layer, and hides and fades it', async () => {
    sketch.drawing.add(sheet(RED));
    await press('New layer');
    expect(layersOf(sketch.state)).toHaveLength(2);
    sketch.drawing.add(sheet(BLUE, sketch.activeLayer));
    expect(await color()).toBe(BLUE);
    await slide(50);
    expect(await color()).toMatch(HALF);
    await press('Show Layer 2');
    expect(await color()).toBe(RED);
    sketch.undo();
    expect(await color(), 'as a step').toMatch(HALF);
  });

  it('erases on the chosen layer alone', async () => {
    sketch.drawing.add(sheet(RED));
    await press('New layer');
    sketch.drawing.add(sheet(BLUE, sketch.activeLayer));
    sketch.drawing.add(hole(sketch.activeLayer));
    expect([await color(), await color(0.1, 0.1)]).toEqual([RED, BLUE]);
  });

  it('moves a layer, renames it and deletes it with its marks', async () => {
    sketch.drawing.add(sheet(RED));
    await press('New layer');
    sketch.drawing.add(sheet(BLUE, sketch.activeLayer));
    await press('Layer down');
    expect(await color()).toBe(RED);
    const name = layers.shadowRoot!.querySelectorAll<HTMLInputElement>('input[type=text]')[1]!;
    name.value = 'Sky';
    name.dispatchEvent(new Event('change'));
    expect(layersOf(sketch.state)[0]!.name).toBe('Sky');
    await press('Delete the layer');
    expect(sketch.state.marks).toHaveLength(1);
    expect(layersOf(sketch.state)).toHaveLength(1);
    await press('Delete the layer');
    expect(layersOf(sketch.state), 'the last one stays').toHaveLength(1);
  });

  it.each([
    ['as objects', false, 100, 2],
    ['as a picture if it has holes', true, 100, 2],
    ['as a picture if it is faint', false, 50, 2],
  ] as const)('merges down %s, and looks the same', async (...[_how, hasHole, opacity, marks]) => {
    sketch.drawing.add(sheet(RED));
    await press('New layer');
    sketch.drawing.add(sheet(BLUE, sketch.activeLayer));
    if (hasHole) sketch.drawing.add(hole(sketch.activeLayer));
    await slide(opacity);
    const before = [await color(), await color(0.1, 0.1)];
    await press('Merge down');
    await vi.waitFor(() => expect(layersOf(sketch.state)).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = [await color(), await color(0.1, 0.1)];
    if (opacity < 100) expect(after.every((each) => HALF.test(each))).toBe(true);
    else expect(after).toEqual(before);
    expect(sketch.state.marks).toHaveLength(marks);
    expect(sketch.state.marks[1]!.kind).toBe(hasHole || opacity < 100 ? 'picture' : 'rectangle');
  });

  it('holds 16 layers', async () => {
    for (let i = 0; i < 20; i++) await press('New layer');
    expect(layersOf(sketch.state)).toHaveLength(16);
    for (const { id } of layersOf(sketch.state)) sketch.drawing.add(sheet(id % 2 ? RED : BLUE, id));
    await settled();
    expect(sketch.state.marks).toHaveLength(16);
  });

  it.each([
    ['white', WHITE],
    ['colour', '#f4e9d8'],
    ['model', '#86b1d8'],
  ])('has a paper: %s', async (paper, expected) => {
    sketch.ground = 'landscape';
    const select = layers.shadowRoot!.querySelector('select')!;
    select.value = paper === 'model' ? 'white' : paper;
    select.dispatchEvent(new Event('change'));
    select.value = paper;
    select.dispatchEvent(new Event('change'));
    expect(await color(0.5, 0.1)).toBe(expected);
  });

  it('has a transparent paper, which looks white to the model', async () => {
    const select = layers.shadowRoot!.querySelector('select')!;
    select.value = 'transparent';
    select.dispatchEvent(new Event('change'));
    await settled();
    expect(canvas.getContext('2d')!.getImageData(9, 9, 1, 1).data[3]).toBe(0);
    const frame = await sketch.source.capture({ width: 8, height: 8 });
    const bitmap = await createImageBitmap(new Blob([frame as Uint8Array<ArrayBuffer>]));
    const context = new OffscreenCanvas(8, 8).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    expect([...context.getImageData(4, 4, 1, 1).data]).toEqual([255, 255, 255, 255]);
  });

  it('is accessible', async () => {
    await press('New layer');
    await expectAccessible(layers);
  });

  it('the eraser has its own size and opacity', () => {
    sketch.choose({ tool: 'stroke', size: 7 });
    sketch.choose({ tool: 'eraser' });
    sketch.choose({ size: 40, opacity: 0.5 });
    expect(sketch.toolSettings).toMatchObject({ size: 40, opacity: 0.5 });
    sketch.choose({ tool: 'stroke' });
    expect(sketch.toolSettings).toMatchObject({ size: 7, opacity: 1 });
  });
});
