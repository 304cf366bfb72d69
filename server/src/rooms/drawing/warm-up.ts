import { setImmediate } from 'node:timers/promises';
import * as Y from 'yjs';
import { Drawing } from './drawing.js';

/*
 * The engine compiles functions that run often. Until then, a large change of a drawing takes two to three times as
 * long, and everybody waits. So typical changes are merged once before anybody is let in.
 */

/** Each takes a few milliseconds, and all of them less than a model takes to load. */
const ROUNDS = 20;
const MARKS = 200;
const MARK = new Uint8Array(16);
const LIMITS = { maxBytes: 1e6, now: () => 0, onChange: () => undefined };

/** Merges, loads and saves drawings, a little at a time, and keeps nothing of them. */
export async function warmUpDrawings(rounds = ROUNDS): Promise<void> {
  const updates = concurrentUpdates();
  for (let round = 0; round < rounds; round++) {
    const drawing = new Drawing(LIMITS);
    for (const update of updates) drawing.apply(update, undefined);
    new Drawing(LIMITS, drawing.toSave()).vector();
    // The engine compiles in another thread, and installs finished code between turns.
    await setImmediate();
  }
}

/**
 * Two authors draw many marks at once, each without the other's; one of them deletes half; and many authors begin at
 * the same place.
 */
function concurrentUpdates(): Uint8Array[] {
  const docs = [1, 2].map((client) => {
    const doc = docOf(client);
    for (let i = 0; i < MARKS; i++) doc.getArray('marks').push([MARK]);
    doc.getMap('background').set('opacity', client / 2);
    return doc;
  });
  const [first] = docs as [Y.Doc];
  const drawn = docs.map((doc) => Y.encodeStateAsUpdate(doc));
  first.transact(() => {
    for (let at = MARKS - 1; at >= 0; at -= 2) first.getArray('marks').delete(at, 1);
  });
  const beginners = docOf(0);
  for (let client = 3; client < 30; client++) {
    const doc = docOf(client);
    doc.getArray('marks').push([MARK]);
    Y.applyUpdate(beginners, Y.encodeStateAsUpdate(doc));
  }
  return [...drawn, Y.encodeStateAsUpdate(first), Y.encodeStateAsUpdate(beginners)];
}

function docOf(client: number): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = client;
  return doc;
}
