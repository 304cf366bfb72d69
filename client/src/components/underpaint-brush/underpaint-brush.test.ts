import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../define.js';
import { colourLook } from '../../drawing/colour-look.js';
import { STUDIO_STRINGS } from '../strings/studio.js';
import { expectAccessible, pointer } from '../testing.fake.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';

describe('the colours of <underpaint-brush>', () => {
  let sketch: UnderpaintSketch;

  beforeEach(open);
  afterEach(() => {
    sketch.remove();
    localStorage.removeItem('underpaint-colours');
  });

  async function open(): Promise<void> {
    sketch = document.createElement('underpaint-sketch');
    sketch.style.width = '500px';
    document.body.append(sketch);
    await sketch.updateComplete;
  }

  const brush = () => sketch.renderRoot.querySelector('underpaint-brush')!;
  const labels = async () => {
    await sketch.updateComplete;
    await brush().updateComplete;
    const all = brush().shadowRoot!.querySelectorAll('.swatches [aria-label]');
    return [...all].map((each) => each.getAttribute('aria-label')!);
  };
  const dot = (color: string) => {
    sketch.choose({ color });
    const canvas = sketch.renderRoot.querySelector('canvas')!;
    for (const type of ['pointerdown', 'pointerup']) pointer(canvas, type, { at: [0.5, 0.5] });
  };

  it('show the current one first, with its name', async () => {
    sketch.color = '#86b1d8';
    expect((await labels())[0]).toBe('Colour: blue, #86b1d8');
    const first = brush().shadowRoot!.querySelector<HTMLElement>('.swatches > *')!;
    expect(first.style.getPropertyValue('--_swatch')).toBe('#86b1d8');
  });

  it('have names', async () => {
    const names = (await labels()).slice(1);
    expect(names).toHaveLength(12);
    expect(names.filter((name) => name.includes('#'))).toEqual([]);
    await expectAccessible(brush());
  });

  it('that were drawn with are kept, the latest first', async () => {
    for (const color of ['#ff00aa', '#aa00ff', '#86b1d8', '#ff00aa']) dot(color);
    const recent = async () => (await labels()).filter((label) => label.endsWith('used before'));
    expect(await recent()).toEqual(['pink, used before', 'purple, used before']);
    sketch.remove();
    await open();
    expect(await recent(), 'after a reload').toHaveLength(2);
  });

  it.each([
    ['#ffffff', 'white'],
    ['#000000', 'black'],
    ['#808080', 'grey'],
    ['#ff0000', 'red'],
    ['#00008b', 'dark blue'],
    ['#add8e6', 'light teal'],
    ['#8b4513', 'brown'],
    ['#ffd700', 'yellow'],
    ['#2f4a35', 'dark greyish green'],
  ])('%s is called %s', (color, name) => {
    expect(STUDIO_STRINGS.colour(colourLook(color))).toBe(name);
  });
});
