import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Drawing, MAX_PARTS, type Change } from '../../../../server/src/rooms/drawing.js';

const MAX_BYTES = 2_000;

let drawing: Drawing;
let changes: Change[];
let clockMs: number;
beforeEach(() => {
  changes = [];
  clockMs = 0;
  drawing = new Drawing({ maxBytes: MAX_BYTES, now: () => clockMs, onChange: (change) => changes.push(change) });
});

/** Somebody's document, and the updates it made. */
function author(client: number): { doc: Y.Doc; draw: (value: unknown) => Uint8Array; undo: () => Uint8Array } {
  const doc = new Y.Doc();
  doc.clientID = client;
  const marks = doc.getArray('marks');
  let last: Uint8Array = new Uint8Array();
  doc.on('update', (update: Uint8Array) => (last = update));
  return {
    doc,
    draw: (value) => (marks.push([value]), last),
    undo: () => (marks.delete(marks.length - 1), last),
  };
}

function marksOf(state: Uint8Array): unknown[] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return doc.getArray('marks').toJSON();
}

describe('a change', () => {
  it('is merged and told, with who brought it', () => {
    const { draw } = author(1);
    expect(drawing.apply(draw('a'), 'me')).toBeUndefined();
    expect(marksOf(drawing.state())).toEqual(['a']);
    expect(changes).toMatchObject([{ by: 'me', before: new Map() }]);
  });

  it('that is known already is told nobody', () => {
    const update = author(1).draw('a');
    drawing.apply(update, 'me');
    expect(drawing.apply(update, 'me')).toBeUndefined();
    expect(changes).toHaveLength(1);
  });

  it('is all that somebody lacks who is as far as before it', () => {
    const { draw } = author(1);
    drawing.apply(draw('a'), 'me');
    const early = drawing.state();
    drawing.apply(draw('b'), 'me');
    const doc = new Y.Doc();
    Y.applyUpdate(doc, early);
    Y.applyUpdate(doc, drawing.state(changes[1]!.before));
    expect(doc.getArray('marks').toJSON()).toEqual(['a', 'b']);
  });

  it('that builds on one which did not come is not taken, and the whole of it is', () => {
    const { doc, draw, undo } = author(1);
    draw('a');
    expect(drawing.apply(draw('b'), 'me')).toBe('incomplete');
    expect(drawing.apply(undo(), 'me')).toBe('incomplete');
    expect(changes).toEqual([]);
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBeUndefined();
    expect(marksOf(drawing.state())).toEqual(['a']);
  });

  it('that builds on what only its author has of others is not taken', () => {
    const [first, second] = [author(1), author(2)];
    Y.applyUpdate(second.doc, first.draw('a'));
    expect(drawing.apply(second.draw('b'), 'me')).toBe('incomplete');
  });
});

describe('what no drawing holds', () => {
  it.each<readonly [string, (doc: Y.Doc) => void]>([
    ['a document in it', (doc) => doc.getMap('background').set('inner', new Y.Doc())],
    ['formatted text', (doc) => doc.getText('text').insert(0, 'a', { bold: true })],
    ['values nested deeply', (doc) => doc.getArray('marks').push([JSON.parse('['.repeat(99) + ']'.repeat(99))])],
  ])('is %s', (_name, change) => {
    const doc = new Y.Doc();
    change(doc);
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBe('garbage');
    expect(changes).toEqual([]);
  });
});

describe('the limit', () => {
  it('keeps out what would go beyond it, and leaves the rest', () => {
    const { doc, draw } = author(1);
    drawing.apply(draw('a'), 'me');
    draw('b'.repeat(MAX_BYTES));
    expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBe('full');
    expect(marksOf(drawing.state())).toEqual(['a']);
  });

  it('counts what is there, and not what was taken away', () => {
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

it('has so many parts at the most, so that no order of them costs more than seconds', () => {
  drawing = new Drawing({ maxBytes: 1e7, now: () => clockMs, onChange: () => undefined });
  const doc = new Y.Doc();
  const marks = doc.getArray('marks');
  marks.push(Array.from({ length: MAX_PARTS - 1 }, () => new Uint8Array(1)));
  expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBeUndefined();
  expect(drawing.apply(author(1).draw('a'), 'me')).toBeUndefined();
  expect(drawing.apply(author(2).draw('b'), 'me')).toBe('full');
  // What was taken away and lies together counts as one.
  const all = Y.encodeStateVector(doc);
  marks.delete(0, marks.length);
  expect(drawing.apply(Y.encodeStateAsUpdate(doc, all), 'me')).toBeUndefined();
  clockMs += 1_000;
  expect(drawing.apply(author(2).draw('b'), 'me')).toBeUndefined();
  // A list in one piece could be taken to pieces.
  doc.getArray('list').push(Array.from({ length: MAX_PARTS }, () => 1));
  clockMs += 1_000;
  expect(drawing.apply(Y.encodeStateAsUpdate(doc), 'me')).toBe('full');
});
