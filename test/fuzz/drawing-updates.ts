import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { Drawing } from '../../server/src/rooms/drawing/drawing.js';
import { MergeOrder } from '../../server/src/rooms/drawing/merge-order.js';
import { readUpdate } from '../../server/src/rooms/drawing/update-reader.js';
import { randomOf, type Random } from '../helpers/random.js';
import { putTogether, takeApart, type Id, type Item, type Parts } from './update-parts.js';

/*
 * Takes updates of a drawing apart, changes lengths, ids, neighbours, places and contents, and puts them together again.
 * If a drawing accepts the result, its state must load into an equal document, and Yjs must not compare more than counted.
 */

export interface UpdateFuzz {
  /** Number of updates to try. */
  readonly rounds: number;
  readonly seed: number;
}

export interface UpdateFuzzResult {
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Processor time of the dearest update, tried twice and checked, in ms. */
  readonly longestMs: number;
}

const UPDATES_A_DRAWING = 25;
const KINDS = [0, 1, 1, 2, 3, 3, 3, 3, 4, 5, 6, 7, 8, 8, 9, 10, 31];
const ROOTS = ['marks', 'marks', 'layers', 'background', 'strokes', ''];
const KEYS = [null, null, 'file', 'opacity', 'paper', 'other', '__proto__'];

export function fuzzUpdates({ rounds, seed }: UpdateFuzz): UpdateFuzzResult {
  const random = randomOf(seed);
  const refused: Record<string, number> = {};
  let [accepted, longestMs] = [0, 0];
  for (let round = 0; round < rounds; round += UPDATES_A_DRAWING) {
    const trial = new Trial();
    const originals = drawnBy(random);
    for (let i = 0; i < UPDATES_A_DRAWING; i++) {
      const parts = takeApart(random.of(originals));
      const update = putTogether(
        random.chance(0.2) ? parts : random.chance(0.5) ? changed(parts, random) : made(trial, random),
      );
      const start = process.cpuUsage();
      const outcome = trial.apply(update) ?? 'accepted';
      const { user, system } = process.cpuUsage(start);
      longestMs = Math.max(longestMs, (user + system) / 1_000);
      if (outcome === 'accepted') accepted += 1;
      else refused[outcome] = (refused[outcome] ?? 0) + 1;
    }
    try {
      trial.check();
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}: ${(error as Error).message}`, { cause: error });
    }
  }
  return { accepted, refused, longestMs };
}

/** A drawing, the document of its members, and a separate order that counts comparisons. */
class Trial {
  readonly copy = new Y.Doc();
  readonly #order = new MergeOrder();
  readonly #drawing = new Drawing({
    maxBytes: 1e6,
    now: () => 0,
    onChange: ({ update }) => Y.applyUpdate(this.copy, update),
  });

  constructor() {
    this.copy.getArray('marks');
    this.copy.getArray('layers');
    this.copy.getMap('background');
  }

  apply(update: Uint8Array): string | undefined {
    const { result, additions } = additionsIn(() => this.#drawing.apply(update, 'fuzz'));
    const counted = this.#drawing.steps;
    if (result === undefined) {
      // Two set insertions for each comparison, the same in the copy, and a few more for each transaction.
      const real = additions / 2;
      assert.ok(real <= 2 * (2 * counted + 400), `Yjs compared ${real} times, ${counted} were counted`);
      const read = readUpdate(update, 1e5);
      assert.ok(typeof read !== 'string' && this.#order.merge(read, { maxSteps: 1e6 }) === undefined);
    }
    return result;
  }

  check(): void {
    const state = this.#drawing.state();
    const loaded = new Y.Doc();
    Y.applyUpdate(loaded, state);
    assert.equal(loaded.store.pendingStructs, null);
    assert.equal(loaded.store.pendingDs, null);
    for (const doc of [loaded, this.copy]) {
      assert.deepEqual(contents(doc), contents(this.copy), 'the state loads into other contents');
      assert.deepEqual(idsOf(doc), idsOf(this.copy), 'the state loads into another order');
      assert.ok(Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(this.copy)), 'the state loads into other changes');
    }
    const ids = [...this.#order.items('marks')].flatMap(({ author, clock, length }) =>
      Array.from({ length }, (_, i) => `${author}:${clock + i}`),
    );
    assert.deepEqual(idsOf(this.copy), ids, 'the order is not that of Yjs');
    new Drawing({ maxBytes: 1e6, now: () => 0, onChange: () => undefined }, this.#drawing.toSave());
  }
}

function contents(doc: Y.Doc): unknown {
  return [doc.getArray('marks').toJSON(), doc.getArray('layers').toJSON(), doc.getMap('background').toJSON()];
}

function idsOf(doc: Y.Doc): string[] {
  const ids: string[] = [];
  for (let item = doc.getArray('marks')._start; item; item = item.right) {
    for (let i = 0; i < item.length; i++) ids.push(`${item.id.client}:${item.id.clock + i}`);
  }
  return ids;
}

/** Counts insertions into sets: Yjs makes two for each comparison. */
function additionsIn<T>(run: () => T): { result: T; additions: number } {
  const { add } = Set.prototype;
  let additions = 0;
  Set.prototype.add = function (value) {
    additions += 1;
    return add.call(this, value);
  };
  try {
    return { result: run(), additions };
  } finally {
    Set.prototype.add = add;
  }
}

/** Updates of three authors who sync now and then. */
function drawnBy(random: Random): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const docs = [1, 2, 3].map((client) => {
    const doc = new Y.Doc();
    doc.clientID = client;
    doc.on('update', (update: Uint8Array, from: unknown) => void (from === null && updates.push(update)));
    return doc;
  });
  const undo = docs.map(
    (doc) =>
      new Y.UndoManager([doc.getArray('marks'), doc.getArray('layers'), doc.getMap('background')], {
        captureTimeout: 0,
        trackedOrigins: new Set([null]),
      }),
  );
  for (const [who, manager] of undo.entries())
    docs[who]!.on('update', (update: Uint8Array, from: unknown) => void (from === manager && updates.push(update)));
  for (let i = 0; i < 24; i++) {
    const who = random.below(3);
    const doc = docs[who]!;
    const marks = doc.getArray<Uint8Array>('marks');
    const what = random.below(11);
    if (what < 4) marks.push(Array.from({ length: 1 + random.below(3) }, () => Uint8Array.of(i)));
    if (what === 4 && marks.length > 0) marks.delete(random.below(marks.length), 1);
    if (what === 5) doc.getMap('background').set('opacity', random.below(2) ? i / 7 : i);
    if (what === 6) doc.getMap('background').set('file', Uint8Array.of(i));
    if (what === 7) undo[who]!.undo();
    if (what === 8) undo[who]!.redo();
    if (what === 9) doc.getArray<Uint8Array>('layers').insert(0, [Uint8Array.of(i)]);
    if (what === 10) doc.getMap('background').set('paper', Uint8Array.of(i));
    if (random.chance(0.3))
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(random.of(docs), Y.encodeStateVector(doc)), 'others');
  }
  return [...updates, Y.encodeStateAsUpdate(docs[0]!)];
}

function changed(parts: Parts, random: Random): Parts {
  for (let times = 1 + random.below(3); times > 0; times--) {
    const author = parts.authors[random.below(parts.authors.length)];
    const item = author?.items[random.below(author.items.length)];
    const what = random.below(11);
    if (item && what === 0) item.length = random.below(4);
    if (item && what === 1) item.origin = random.chance(0.3) ? null : someId(random);
    if (item && what === 2) item.rightOrigin = random.chance(0.3) ? null : someId(random);
    if (item && what === 3) item.kind = random.of(KINDS);
    if (item && what === 4) [item.root, item.key] = [random.of(ROOTS), random.of(KEYS)];
    if (item && what === 5) item.numbers = [random.of([0, -1, 0.5, NaN, 1e300, 2 ** 31])];
    if (author && what === 6) author.clock = Math.max(0, author.clock + random.below(5) - 2);
    if (author && what === 7) author.client = random.below(5);
    if (author && item && what === 8) author.items.splice(random.below(author.items.length), 0, structuredClone(item));
    if (what === 9)
      parts.deleted.push({ client: random.below(4), ranges: [{ clock: random.below(12), length: random.below(5) }] });
    if (author && what === 10) parts.authors.push(structuredClone(author));
  }
  return parts;
}

/** New items between random existing neighbours. */
function made(trial: Trial, random: Random): Parts {
  const client = 1 + random.below(6);
  const clock = Y.getState(trial.copy.store, client);
  const known = idsOf(trial.copy).map((text) => text.split(':').map(Number) as [number, number]);
  const idOf = (): Id | null => {
    const found = known[random.below(known.length + 1)];
    return found ? { client: found[0], clock: found[1] } : null;
  };
  const items = Array.from({ length: 1 + random.below(3) }, (_, i): Item => {
    const origin = i > 0 && random.chance(0.5) ? { client, clock: clock + i - 1 } : idOf();
    const isDeleted = random.chance(0.2);
    const common = { root: 'marks', key: null, bytes: Uint8Array.of(i), numbers: [] };
    return { kind: isDeleted ? 1 : 3, origin, rightOrigin: random.chance(0.3) ? null : idOf(), length: 1, ...common };
  });
  return { authors: [{ client, clock, items }], deleted: [] };
}

function someId(random: Random): Id {
  return { client: 1 + random.below(3), clock: random.below(12) };
}
