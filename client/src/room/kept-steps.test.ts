import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { OwnSteps } from '../drawing/drawing.js';
import type { Mark } from '../drawing/marks.js';
import { RoomDrawing } from './room-drawing.js';
import { documentOf } from './shared-document.js';

const line = (x: number): Mark => ({
  kind: 'line',
  color: '#ff0000',
  size: 4,
  opacity: 1,
  from: [x, 0],
  to: [x, 9],
});

const xs = ({ state }: RoomDrawing) => state.marks.map((mark) => (mark.kind === 'line' ? mark.from[0] : mark.kind));

async function photo(): Promise<Blob> {
  const context = new OffscreenCanvas(8, 8).getContext('2d')!;
  context.fillRect(0, 0, 8, 8);
  return context.canvas.convertToBlob();
}

describe('steps in a shared drawing that outlive a reload', () => {
  let ada: RoomDrawing;
  let ben: RoomDrawing;
  beforeEach(() => {
    ada = new RoomDrawing();
    ben = new RoomDrawing();
  });

  /** The server's copy goes through Ben, and the browser's through a structured clone. */
  async function reload(): Promise<void> {
    Y.applyUpdate(documentOf(ben), Y.encodeStateAsUpdate(documentOf(ada)));
    const steps: OwnSteps = structuredClone(ada.ownSteps);
    ada.close();
    ada = new RoomDrawing();
    await ada.restoreSteps(steps);
    Y.applyUpdate(documentOf(ada), Y.encodeStateAsUpdate(documentOf(ben)));
  }

  it('are undone and repeated around what others drew, and new steps lie above them', async () => {
    for (const x of [1, 2, 3]) ada.add(line(x));
    ada.undo();
    await reload();
    documentOf(ada).on('update', (update: Uint8Array) => Y.applyUpdate(documentOf(ben), update));
    ben.add(line(50));
    Y.applyUpdate(documentOf(ada), Y.encodeStateAsUpdate(documentOf(ben)));
    ada.add(line(4));
    expect(xs(ada)).toEqual([1, 2, 50, 4]);
    for (const left of [[1, 2, 50], [1, 50], [50]]) {
      ada.undo();
      expect(xs(ada)).toEqual(left);
    }
    expect([ada.canUndo, ada.canRedo]).toEqual([false, true]);
    for (const left of [
      [1, 50],
      [1, 2, 50],
      [1, 2, 50, 4],
    ]) {
      ada.redo();
      expect(xs(ada)).toEqual(left);
    }
    expect(ada.canRedo, 'the undone step is forgotten after a new one').toBe(false);
    await reload();
    for (let i = 0; i < 3; i++) ada.undo();
    expect(xs(ada)).toEqual([50]);
  });

  it('bring back removed marks in their places, pictures with the same bytes, moves, the order and layers', async () => {
    const blob = await ada.adopt(await photo());
    for (const x of [1, 2, 3]) ada.add(line(x));
    ada.change({ marks: ada.state.marks.toSpliced(1, 1) });
    ada.add({ kind: 'picture', opacity: 1, blob });
    ada.change({ marks: ada.state.marks.slice(0, 2) });
    ada.change({ marks: ada.state.marks.map((mark) => ({ ...mark, matrix: [1, 0, 0, 1, 9, 9] })) });
    ada.change({ marks: ada.state.marks.toReversed() });
    ada.change({ layers: [0, 5].map((id) => ({ id, name: '', isHidden: false, opacity: 1 })), paper: '#ffffff' });
    await reload();
    ada.undo();
    expect(ada.state).toMatchObject({ layers: [{ id: 0 }], paper: 'model' });
    ada.undo();
    expect(xs(ada)).toEqual([1, 3]);
    ada.undo();
    expect(ada.state.marks.map(({ matrix }) => matrix)).toEqual([undefined, undefined]);
    ada.undo();
    expect(xs(ada)).toEqual([1, 3, 'picture']);
    const picture = ada.state.marks[2] as Extract<Mark, { kind: 'picture' }>;
    expect(await picture.blob.bytes()).toEqual(await blob.bytes());
    ada.undo();
    ada.undo();
    expect(xs(ada)).toEqual([1, 2, 3]);
  });

  it('that have no effect any more are passed over', async () => {
    for (const x of [1, 2]) ada.add(line(x));
    await reload();
    ben.change({ marks: ben.state.marks.slice(0, 1) });
    Y.applyUpdate(documentOf(ada), Y.encodeStateAsUpdate(documentOf(ben)));
    ada.undo();
    expect(xs(ada)).toEqual([]);
    expect(ada.canUndo).toBe(false);
  });

  it('ask for the parameters of a step again', async () => {
    ada.add(line(1));
    ada.change({ marks: [] }, { before: { seed: 1 }, after: { seed: 2 } });
    await reload();
    const asked: unknown[] = [];
    ada.addEventListener('paramsagain', (event) => asked.push((event as unknown as { params: unknown }).params));
    ada.undo();
    ada.redo();
    expect(asked).toEqual([{ seed: 1 }, { seed: 2 }]);
  });
});
