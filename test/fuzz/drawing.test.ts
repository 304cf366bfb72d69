import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { Drawing, type Change } from '../../server/src/rooms/drawing.js';

/* Changes of a drawing with some of their bytes changed, and bytes that never were any. */

it('takes any bytes without being hurt: they are refused, or what they say is told', () => {
  const doc = new Y.Doc();
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const updates: Uint8Array[] = [];
  const [marks, map] = [doc.getArray('marks'), doc.getMap('background')];
  for (let i = 0; i < 12; i++) {
    marks.push([new Uint8Array([i, i])]);
    map.set('opacity', i / 7);
    if (i % 3 === 2) marks.delete(i % 4);
    marks.insert(1, [`${i}`, { at: i }, new Y.Map([['x', i]])]);
  }
  const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
  const bytes = fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    {
      weight: 9,
      arbitrary: fc.tuple(fc.nat(updates.length - 1), mutations).map(([which, places]) => {
        const update = updates[which]!.slice();
        for (const [at, value] of places) update[at % update.length] = value;
        return update;
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (all) => {
      const copy = new Y.Doc();
      const onChange = ({ update }: Change) => Y.applyUpdate(copy, update);
      const drawing = new Drawing({ maxBytes: 1e6, now: () => 0, onChange });
      for (const update of all) drawing.apply(update, 'me');
      // Everybody has what the server has.
      expect(Y.encodeStateAsUpdate(copy)).toEqual(drawing.state());
      expect(copy.store.pendingStructs).toBeNull();
    }),
    { numRuns: 3_000 },
  );
});
