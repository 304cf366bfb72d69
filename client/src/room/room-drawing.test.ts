import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Mark, StrokePoint } from '../drawing/marks.js';
import { SketchSurface } from '../drawing/sketch-surface.js';
import { RoomDrawing } from './room-drawing.js';
import { MAX_PICTURE_BYTES } from './room-picture.js';
import { documentOf } from './shared-document.js';

function stroke(color: string, y: number): Mark {
  const points = Array.from({ length: 30 }, (_, i): StrokePoint => [20.123 + i * 7, y + 9 * Math.sin(i), 0.5]);
  return { kind: 'stroke', color, size: 12.3, opacity: 0.9, smoothing: 0.5, pressure: false, points };
}

async function photo(): Promise<Blob> {
  const canvas = new OffscreenCanvas(1_600, 1_200);
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(1_600, 1_200);
  crypto.getRandomValues(image.data.subarray(0, 65_536));
  for (let at = 65_536; at < image.data.length; at += 65_536) image.data.copyWithin(at, 0, 65_536);
  context.putImageData(image, 0, 0);
  return canvas.convertToBlob();
}

/** A hash of the painted pixels. */
async function pixels(drawing: RoomDrawing): Promise<string> {
  const canvas = document.createElement('canvas');
  const surface = new SketchSurface(canvas, { width: 256, height: 256 });
  const { marks, background } = drawing.state;
  const blobs = marks.flatMap((mark) => (mark.kind === 'picture' ? [mark.blob] : []));
  for (const blob of background === null ? blobs : [...blobs, background.blob]) await surface.prepare(blob);
  surface.paint({ ...drawing.state, live: null, ground: 'landscape' });
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('RoomDrawing', () => {
  let ada: RoomDrawing;
  let ben: RoomDrawing;

  beforeEach(() => {
    ada = new RoomDrawing();
    ben = new RoomDrawing();
  });

  function merge(): void {
    const [fromAda, fromBen] = [Y.encodeStateAsUpdate(documentOf(ada)), Y.encodeStateAsUpdate(documentOf(ben))];
    Y.applyUpdate(documentOf(ben), fromAda);
    Y.applyUpdate(documentOf(ada), fromBen);
  }

  it('merges the strokes of two people in one order, with equal pixels', async () => {
    ada.add(stroke('#ff0000', 60));
    ben.add(stroke('#0000ff', 64));
    ada.add({ kind: 'fill', color: '#00ff00', opacity: 1, at: [10, 200] });
    ben.add({
      kind: 'eraser',
      color: '#000000',
      size: 20,
      opacity: 1,
      smoothing: 0,
      pressure: false,
      points: [[99, 60, 0.5]],
    });
    merge();
    expect(ada.state.marks).toHaveLength(4);
    expect(ben.state).toEqual(ada.state);
    expect(await pixels(ben)).toBe(await pixels(ada));
  });

  it('undoes only the changes of its own person', () => {
    ada.add(stroke('#ff0000', 60));
    ada.add(stroke('#ff8800', 80));
    ben.add(stroke('#0000ff', 100));
    merge();
    ada.undo();
    merge();
    expect(ben.state.marks.map((mark) => 'color' in mark && mark.color).toSorted()).toEqual(['#0000ff', '#ff0000']);
    expect([ada.canUndo, ada.canRedo, ben.canUndo, ben.canRedo]).toEqual([true, true, true, false]);
    ada.redo();
    merge();
    expect(ben.state.marks).toHaveLength(3);
    ben.undo();
    expect(ben.canUndo, 'other people’s strokes cannot be undone').toBe(false);
  });

  it('takes back the marks of another person, also those that somebody moved, as a step that undo takes back', () => {
    ada.add(stroke('#ff0000', 60));
    for (const y of [80, 100, 120]) ben.add(stroke('#0000ff', y));
    merge();
    const [mine] = ada.marksOf(ada.author);
    const [first, , newest] = ada.marksOf(ben.author);
    ada.change({
      marks: ada.state.marks.map((mark) => (mark === first ? { ...mark, matrix: [1, 0, 0, 1, 5, 5] } : mark)),
    });
    expect(ada.marksOf(ben.author)).toHaveLength(3);
    ada.takeBack(ben.author, 'newest');
    expect(ada.marksOf(ben.author).map(({ id }) => id)).not.toContain(newest!.id);
    expect(ada.state.marks).toHaveLength(3);
    ada.takeBack(ben.author, 'all');
    merge();
    expect(ben.state.marks).toEqual([mine]);
    ada.undo();
    ada.undo();
    merge();
    expect(ben.state.marks).toHaveLength(4);
    expect(ada.marksOf(ben.author), 'marks that came back are still theirs').toHaveLength(3);
  });

  it('keeps a stroke drawn while another person clears', () => {
    ada.add(stroke('#ff0000', 60));
    merge();
    ada.clear();
    ben.add(stroke('#0000ff', 100));
    merge();
    expect(ada.state.marks).toHaveLength(1);
    expect(ben.state).toEqual(ada.state);
    ada.undo();
    expect(ada.state.marks).toHaveLength(2);
  });

  it('keeps unchanged marks as the same objects, so that only new marks are painted', () => {
    ada.add(stroke('#ff0000', 60));
    const [first] = ada.state.marks;
    ben.add(stroke('#0000ff', 100));
    merge();
    expect(ada.state.marks).toContain(first);
    const { state } = ada;
    expect(ada.state).toBe(state);
  });

  it('shares pictures as small JPEGs', async () => {
    const blob = await ada.adopt(await photo());
    expect(blob.size).toBeLessThanOrEqual(MAX_PICTURE_BYTES);
    expect(await ada.adopt(blob), 'an adopted picture stays the same').toBe(blob);
    ada.change({ background: { blob, opacity: 0.5 } });
    ada.add({ kind: 'picture', opacity: 0.5, blob });
    merge();
    const { background, marks } = ben.state;
    expect(background?.opacity).toBe(0.5);
    expect(new Uint8Array(await background!.blob.arrayBuffer())).toEqual(new Uint8Array(await blob.arrayBuffer()));
    expect(marks).toHaveLength(1);
    expect(await pixels(ben)).toBe(await pixels(ada));
    ada.amend({ background: { blob, opacity: 0.7 } });
    const { length } = Y.encodeStateAsUpdate(documentOf(ada), Y.encodeStateVector(documentOf(ben)));
    expect(length, 'a change of opacity does not send the picture again').toBeLessThan(200);
    await expect(ada.adopt(new Blob(['no picture']))).rejects.toThrow();
  });

  it('shares layers and the paper, and shows a layer once that two people change', () => {
    const layers = [0, 5].map((id) => ({ id, name: `layer ${id}`, isHidden: false, opacity: 1 }));
    ada.change({ layers, paper: '#ffffff' });
    ada.add({ ...stroke('#ff0000', 60), layer: 5 });
    merge();
    expect(ben.state).toEqual(ada.state);
    expect(ben.state).toMatchObject({ layers, paper: '#ffffff', marks: [{ layer: 5 }] });
    ada.change({ layers: [layers[0]!, { ...ada.state.layers![1]!, isHidden: true }] });
    ben.change({ layers: ben.state.layers!.map((layer) => (layer.id === 5 ? { ...layer, name: 'sky' } : layer)) });
    merge();
    expect(ada.state.layers).toHaveLength(2);
    expect(ben.state).toEqual(ada.state);
    ada.undo();
    ada.undo();
    ada.undo();
    expect(ada.state.paper).toBe('model');
  });

  it('keeps the transparency of pictures', async () => {
    const context = new OffscreenCanvas(90, 90).getContext('2d')!;
    context.fillRect(0, 0, 45, 90);
    const blob = await ada.adopt(await context.canvas.convertToBlob());
    const small = new OffscreenCanvas(90, 90).getContext('2d')!;
    small.drawImage(await createImageBitmap(blob), 0, 0);
    expect([small.getImageData(9, 9, 1, 1).data[3], small.getImageData(80, 9, 1, 1).data[3]]).toEqual([255, 0]);
  });

  it('has no effect while it is not editable', () => {
    ada.add(stroke('#ff0000', 60));
    ada.isEditable = false;
    ada.add(stroke('#ff0000', 90));
    ada.undo();
    ada.clear();
    ada.amend({ marks: [] });
    expect(ada.state.marks).toHaveLength(1);
    expect(ada.canUndo).toBe(false);
  });

  it('ignores foreign content in the document', () => {
    ada.add(stroke('#ff0000', 60));
    documentOf(ada)
      .getArray<unknown>('marks')
      .push([new Uint8Array([200, 1, 2]), 'a word', { x: 1 }, 7]);
    documentOf(ada).getMap('background').set('file', 'not bytes');
    expect(ada.state.marks).toHaveLength(1);
    expect(ada.state.background).toBeNull();
    ada.add(stroke('#ff0000', 90));
    expect(ada.state.marks).toHaveLength(2);
  });
});
