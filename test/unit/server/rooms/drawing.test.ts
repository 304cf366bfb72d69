import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Drawing, DrawingError, MAX_PARTS, type Change } from '../../../../server/src/rooms/drawing/drawing.js';
import { MergeOrder } from '../../../../server/src/rooms/drawing/merge-order.js';
import { readUpdate, type ReadUpdate } from '../../../../server/src/rooms/drawing/update-reader.js';

const MAX_BYTES = 2_000;

let drawing: Drawing;
let changes: Change[];
let clockMs: number;
beforeEach(() => {
  changes = [];
  clockMs = 0;
  drawing = new Drawing({ maxBytes: MAX_BYTES, now: () => clockMs, onChange: (change) => changes.push(change) });
});

const mark = (text: string) => new TextEncoder().encode(text);

/** The document of an author, with functions that return its updates. */
function author(number: number): { doc: Y.Doc; draw: (text: string) => Uint8Array; undo: () => Uint8Array } {
  const doc = new Y.Doc();
  doc.clientID = number;
  const marks = doc.getArray<Uint8Array>('marks');
  let last: Uint8Array = new Uint8Array();
  doc.on('update', (update: Uint8Array) => (last = update));
  return {
    doc,
    draw: (text) => (marks.push([mark(text)]), last),
    undo: () => (marks.delete(marks.length - 1), last),
  };
}

function marksOf(...states: Uint8Array[]): string[] {
  const doc = new Y.Doc();
  for (const state of states) Y.applyUpdate(doc, state);
  return doc.getArray<Uint8Array>('marks').map((bytes) => new TextDecoder().decode(bytes));
}

describe('a change', () => {
  it('is merged and reported with its sender', () => {
    const { draw } = author(1);
    expect(drawing.apply(draw('a'), 'me')).toBeUndefined();
    expect(marksOf(drawing.state())).toEqual(['a']);
    expect(changes).toMatchObject([{ by: 'me', before: new Map() }]);
  });

  it('that is known already is not reported', () => {
    const update = author(1).draw('a');
    drawing.apply(update, 'me');
    expect(drawing.apply(update, 'me')).toBeUndefined();
    expect(changes).toHaveLength(1);
  });

  it('names the state before it, from which it can be sent', () => {
    const { draw } = author(1);
    drawing.apply(draw('a'), 'me');
    const early = drawing.state();
    drawing.apply(draw('b'), 'me');
    expect(marksOf(early, drawing.state(changes[1]!.before))).toEqual(['a', 'b']);
  });

  it('that builds on a missing one is rejected, and accepted together with it', () => {
    const { doc, draw, undo } = author(1);
    draw('a');
    expect(drawing.apply(draw('b'), 'me')).toBe('incomplete');
    expect(drawing.apply(undo(), 'me')).toBe('incomplete');
    expect(changes).toEqual([]);
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBeUndefined();
    expect(marksOf(drawing.state())).toEqual(['a']);
  });

  it('that builds on changes by others that only its author has is rejected', () => {
    const [first, second] = [author(1), author(2)];
    Y.applyUpdate(second.doc, first.draw('a'));
    expect(drawing.apply(second.draw('b'), 'me')).toBe('incomplete');
  });
});

describe('an update is garbage with', () => {
  it.each<readonly [string, (doc: Y.Doc) => void]>([
    ['a document in it', (doc) => doc.getMap('background').set('file', new Y.Doc())],
    ['a map in the list', (doc) => doc.getArray('marks').push([new Y.Map()])],
    ['formatted text', (doc) => doc.getText('marks').insert(0, 'a', { bold: true })],
    ['text among the marks', (doc) => doc.getArray('marks').push(['a'])],
    ['another list', (doc) => doc.getArray('list').push([Uint8Array.of(1)])],
    ['a key of the list', (doc) => doc.getMap('marks').set('file', Uint8Array.of(1))],
    ['another key of the background', (doc) => doc.getMap('background').set('name', Uint8Array.of(1))],
    ['text among the layers', (doc) => doc.getArray('layers').push(['a'])],
    ['a paper that is not bytes', (doc) => doc.getMap('background').set('paper', 7)],
    ['an opacity that is not a number', (doc) => doc.getMap('background').set('opacity', 'half')],
    ['an opacity that is not finite', (doc) => doc.getMap('background').set('opacity', NaN)],
    ['a background that is not a file', (doc) => doc.getMap('background').set('file', 7)],
  ])('%s', (_name, change) => {
    const doc = new Y.Doc();
    change(doc);
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBe('garbage');
    expect(changes).toEqual([]);
  });

  it.each([
    ['an item of length zero', [1, 1, 1, 0, 0x01, 1, 5, ...mark('marks'), 0, 0]],
    ['a deleted range of length zero', [0, 1, 1, 1, 0, 0]],
    ['overlapping ranges', [0, 1, 1, 2, 0, 2, 1, 2]],
    ['an item beside itself', [1, 1, 1, 0, 0x83, 1, 0, 1, 7, 0]],
    ['an author twice', [2, 1, 1, 0, 0x03, 1, 5, ...mark('marks'), 0, 1, 1, 1, 0x83, 1, 0, 0, 0]],
    ['bytes after the end', [0, 0, 0]],
  ])('%s', (_name, bytes) => {
    expect(drawing.apply(Uint8Array.from(bytes), 'me')).toBe('garbage');
    expect(changes).toEqual([]);
  });

  it('an item between two that were never neighbours', () => {
    const { draw } = author(1);
    for (const text of ['a', 'b', 'c']) drawing.apply(draw(text), 'me');
    // Between a and c, although c was placed behind b.
    const update = [1, 1, 2, 0, 0xc3, 1, 0, 1, 2, 1, 7, 0];
    expect(drawing.apply(Uint8Array.from(update), 'me')).toBe('garbage');
    expect(marksOf(drawing.state())).toEqual(['a', 'b', 'c']);
  });

  it('anything wrong in a saved state, which is then not loaded', () => {
    const options = { maxBytes: MAX_BYTES, now: () => 0, onChange: () => undefined };
    expect(() => new Drawing(options, Uint8Array.of(1, 2, 3))).toThrow(DrawingError);
  });
});

describe('the content of the elements', () => {
  it('is accepted: layers and a paper', () => {
    const { doc } = author(1);
    doc.getArray('layers').push([mark('base'), mark('sky')]);
    doc.getMap('background').set('paper', mark('#ffffff'));
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBeUndefined();
    const loaded = new Drawing({ maxBytes: MAX_BYTES, now: () => 0, onChange: () => undefined }, drawing.toSave());
    expect(loaded.bytes).toBe(drawing.toSave().length);
  });

  it('is accepted: marks, a background and its opacity, undone and redone', () => {
    const { doc } = author(1);
    const [marks, background] = [doc.getArray<Uint8Array>('marks'), doc.getMap('background')];
    const undo = new Y.UndoManager([marks, background], { captureTimeout: 0 });
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    marks.push([mark('a'), mark('b'), mark('c')]);
    background.set('file', mark('jpeg'));
    for (const opacity of [0, 1, 0.5, 0.1]) background.set('opacity', opacity);
    marks.delete(0, 3);
    undo.undo();
    undo.undo();
    undo.redo();
    background.clear();
    undo.undo();
    for (const update of updates) expect(drawing.apply(update, 'me')).toBeUndefined();
    expect(marksOf(drawing.state())).toEqual(['a', 'b', 'c']);
    // Values that replace each other may come in one run.
    const other = new Drawing({ maxBytes: MAX_BYTES, now: () => 0, onChange: () => undefined });
    expect(other.apply(Y.encodeStateAsUpdate(doc), 'me')).toBeUndefined();
    expect(new Drawing({ maxBytes: MAX_BYTES, now: () => 0, onChange: () => undefined }, other.toSave()).bytes).toBe(
      other.toSave().length,
    );
  });
});

describe('the work of merging', () => {
  const sideBySide = (count: number): Uint8Array => {
    const all = new Y.Doc();
    for (let client = 1; client <= count; client++) Y.applyUpdate(all, author(client).draw('a'));
    return Y.encodeStateAsUpdate(all);
  };

  it('is counted and bounded before anything is merged', () => {
    const order = new MergeOrder();
    const read = readUpdate(sideBySide(6), 100) as ReadUpdate;
    // By descending author number, each is compared with one other.
    expect(order.merge(read, { maxSteps: 5 })).toBeUndefined();
    expect(order.steps).toBe(5);
    const other = new MergeOrder();
    expect(other.merge(read, { maxSteps: 4 })).toBe('costly');
    expect([...other.items('marks')]).toEqual([]);
    expect(other.merge(read, { maxSteps: 5 })).toBeUndefined();
    expect([...other.items('marks')].map(({ author }) => author)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is bounded for loading everything, too', () => {
    const order = new MergeOrder();
    const limits = { maxSteps: 1_000, maxLoadSteps: 2 };
    // Each alone is cheap; all together are not.
    const merged = [5, 4, 3, 2, 1].map((client) => {
      const read = readUpdate(author(client).draw('a'), 100) as ReadUpdate;
      return order.merge(read, limits);
    });
    expect(merged).toEqual([undefined, undefined, undefined, 'costly', 'costly']);
    expect([...order.items('marks')].map(({ author }) => author)).toEqual([3, 4, 5]);
  });

  it('is little for an author who was away for a long time', () => {
    drawing = new Drawing({ maxBytes: 1e6, now: () => clockMs, onChange: () => undefined });
    const [here, away] = [author(1), author(2)];
    const first = here.draw('a');
    Y.applyUpdate(away.doc, first);
    drawing.apply(first, 'here');
    for (let i = 0; i < 2_000; i++) drawing.apply(here.draw('b'), 'here');
    for (let i = 0; i < 500; i++) away.draw('c');
    expect(drawing.apply(Y.encodeStateAsUpdate(away.doc), 'away')).toBeUndefined();
    expect(drawing.steps).toBeLessThan(3 * 2_500 + 2_500);
  });
});

describe('the limit', () => {
  it('rejects a change beyond it and keeps the drawing', () => {
    const { doc, draw } = author(1);
    drawing.apply(draw('a'), 'me');
    draw('b'.repeat(MAX_BYTES));
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBe('full');
    expect(marksOf(drawing.state())).toEqual(['a']);
  });

  it('does not count deleted marks', () => {
    const { draw, undo } = author(1);
    for (let i = 0; i < 10; i++) {
      expect(drawing.apply(draw('c'.repeat(MAX_BYTES / 2)), 'me')).toBeUndefined();
      expect(drawing.apply(undo(), 'me')).toBeUndefined();
      clockMs += 1_000;
    }
  });

  it('lets a full drawing be cleared', () => {
    const { draw, undo } = author(1);
    drawing.apply(draw('d'.repeat(MAX_BYTES - 100)), 'me');
    expect(drawing.apply(author(2).draw('e'.repeat(100)), 'me')).toBe('full');
    expect(drawing.apply(undo(), 'me')).toBeUndefined();
    clockMs += 1_000;
    expect(drawing.apply(author(2).draw('e'.repeat(100)), 'me')).toBeUndefined();
  });
});

it('applies to the number of parts, too', () => {
  drawing = new Drawing({ maxBytes: 1e7, now: () => clockMs, onChange: () => undefined });
  const doc = new Y.Doc();
  const marks = doc.getArray('marks');
  marks.push(Array.from({ length: MAX_PARTS - 1 }, () => new Uint8Array(1)));
  expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBeUndefined();
  expect(drawing.apply(author(1).draw('a'), 'me')).toBeUndefined();
  expect(drawing.apply(author(2).draw('b'), 'me')).toBe('full');
  // Deleted marks that were joined count once.
  const all = Y.encodeStateVector(doc);
  marks.delete(0, marks.length);
  expect(drawing.apply(Y.encodeStateAsUpdate(doc, all), 'me')).toBeUndefined();
  clockMs += 1_000;
  expect(drawing.apply(author(2).draw('b'), 'me')).toBeUndefined();
  // A run of values could be split into its items.
  marks.push(Array.from({ length: MAX_PARTS }, () => new Uint8Array(1)));
  clockMs += 1_000;
  expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBe('full');
});
