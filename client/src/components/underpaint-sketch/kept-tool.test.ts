import { afterEach, expect, it } from 'vitest';
import '../../define.js';
import { layersOf } from '../../drawing/drawing.js';
import type { UnderpaintSketch } from './underpaint-sketch.js';

let sketch: UnderpaintSketch;
afterEach(() => sketch.remove());

async function mount(autosave: string): Promise<void> {
  sketch = Object.assign(document.createElement('underpaint-sketch'), { autosave });
  const loaded = new Promise((resolve) => sketch.addEventListener('up-sheet', resolve, { once: true }));
  document.body.append(sketch);
  await loaded;
}

it('pen, eraser and the layer to draw on are as they were when the drawing is opened again', async () => {
  const name = `tools ${Date.now()}`;
  await mount(name);
  const layers = [0, 5].map((id) => ({ id, name: `layer ${id}`, isHidden: false, opacity: 1 }));
  sketch.drawing.change({ layers });
  await import('../hands.js');
  const list = Object.assign(document.createElement('underpaint-layers'), { sketch, drawing: sketch.state });
  sketch.choose({ size: 7, opacity: 0.5, color: '#123456' });
  sketch.choose({ tool: 'eraser' });
  sketch.choose({ size: 33, opacity: 0.25 });
  document.body.append(list);
  await list.updateComplete;
  list.renderRoot.querySelector('li')!.click();
  list.remove();
  const chosen = { ...sketch.keptTool };
  expect(chosen).toMatchObject({ tool: 'eraser', size: 7, eraserSize: 33, eraserOpacity: 0.25, activeLayer: 5 });
  sketch.remove();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await mount(name);
  expect(layersOf(sketch.state)).toHaveLength(2);
  expect({ ...sketch.keptTool }).toEqual(chosen);
});
