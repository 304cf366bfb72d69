/*
 * How long one message about a drawing keeps the server busy, with the dearest documents and changes that are taken, and
 * how long it takes to wake such a room: everybody else waits as long. Processor time, garbage collection included.
 *
 *   npm run build && node test/bench/drawing-cost.mjs
 */
import * as Y from 'yjs';
import { Drawing, MAX_PARTS } from '../../server/dist/rooms/drawing/drawing.js';

/** Changes of a trial in which each author brings one. */
const ONE_BY_ONE = 1_500;
const MAX_BYTES = 4 * 1024 * 1024;
const worst = new Map();

function timed(what, run) {
  const start = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1_000;
  if (ms > (worst.get(what) ?? 0)) worst.set(what, ms);
  return result;
}

class Trial {
  refused = {};
  taken = 0;
  costly = 0;

  constructor(name) {
    this.name = name;
    worst.clear();
    this.drawing = new Drawing({ maxBytes: MAX_BYTES, now: () => performance.now(), onChange: () => undefined });
  }

  apply(update) {
    const what = update.length > 100_000 ? 'large change' : 'change';
    const refusal = timed(what, () => this.drawing.apply(update, undefined));
    if (refusal === 'costly') this.costly += 1;
    if (refusal) this.refused[refusal] = (this.refused[refusal] ?? 0) + 1;
    else this.taken += 1;
    return refusal;
  }

  end() {
    timed('vector', () => this.drawing.vector());
    timed('state', () => this.drawing.state(new Map()));
    const saved = timed('save', () => this.drawing.toSave());
    timed('wake', () => new Drawing({ maxBytes: MAX_BYTES, now: () => 0, onChange: () => undefined }, saved));
    const times = [...worst].map(([what, ms]) => `${what} ${ms.toFixed(1)}`).join(', ');
    console.log(
      `${this.name}: ${this.taken} taken, refused ${JSON.stringify(this.refused)}, ${saved.length} bytes; ms: ${times}`,
    );
  }
}

function docOf(client, state) {
  const doc = new Y.Doc();
  doc.clientID = client;
  if (state) Y.applyUpdate(doc, state);
  return doc;
}

const marksOf = (doc) => doc.getArray('marks');
const bytes = (length) => new Uint8Array(length);
/** The part of a document beyond a state. */
const since = (doc, vector) => Y.encodeStateAsUpdate(doc, vector);

function chain(client, count, length = 1) {
  const doc = docOf(client);
  for (let i = 0; i < count; i++) marksOf(doc).push([bytes(length)]);
  return doc;
}

const trials = {
  'one author, as large as can be': () => {
    const trial = new Trial('one author, as large as can be');
    trial.apply(since(chain(1, MAX_PARTS, 400)));
    trial.end();
  },
  'strokes of as many authors': () => {
    const trial = new Trial('strokes of as many authors');
    let state;
    const all = docOf(0);
    for (let i = 0; i < MAX_PARTS / 5; i++) {
      all.clientID = MAX_PARTS - i;
      const before = Y.encodeStateVector(all);
      marksOf(all).push([bytes(100)]);
      trial.apply(since(all, before));
    }
    state = since(all);
    const doc = docOf(1e6, state);
    doc.transact(() => {
      for (let i = marksOf(doc).length - 1; i >= 0; i -= 2) marksOf(doc).delete(i, 1);
    });
    trial.apply(since(doc, Y.encodeStateVector(all)));
    trial.end();
  },
  'all cleared and brought back by undo': () => {
    const trial = new Trial('all cleared and brought back by undo');
    const doc = docOf(1);
    const undo = new Y.UndoManager(marksOf(doc), { captureTimeout: 0 });
    doc.on('update', (update) => trial.apply(update));
    marksOf(doc).push(Array.from({ length: MAX_PARTS / 2 - 10 }, () => bytes(100)));
    undo.stopCapturing();
    marksOf(doc).delete(0, marksOf(doc).length);
    undo.undo();
    trial.end();
  },
  'long apart, then together': () => {
    const trial = new Trial('long apart, then together');
    for (const client of [1, 2, 3, 4, 5]) trial.apply(since(chain(client, MAX_PARTS / 5 - 1, 100)));
    trial.end();
  },
  'side by side at one place, one after the other': () => {
    const trial = new Trial('side by side at one place, one after the other');
    for (let client = 1; client <= ONE_BY_ONE && trial.costly < 20; client++) {
      trial.apply(since(chain(client, 1)));
    }
    trial.end();
  },
  'side by side at one place, at once': () => {
    for (const count of [100, 200, 300, 340, 400, 1_000]) {
      const trial = new Trial(`${count} side by side at one place, at once`);
      const all = docOf(0);
      for (let client = 1; client <= count; client++) Y.applyUpdate(all, since(chain(client, 1)));
      trial.apply(since(all));
      trial.end();
    }
  },
  'side by side at one place, from the highest number down': () => {
    const trial = new Trial('side by side at one place, from the highest number down');
    for (let client = ONE_BY_ONE; client > 0; client--) trial.apply(since(chain(client, 1)));
    trial.end();
  },
  'between two that thousands were put between': () => {
    const trial = new Trial('between two that thousands were put between');
    // A number above those of the others: each of them is compared with all its strokes also when the drawing is loaded.
    const doc = docOf(1_000);
    marksOf(doc).push([bytes(1), bytes(1)]);
    const early = [];
    for (let i = 0; i < MAX_PARTS - 100; i++) {
      if (i < 98) early.push(since(doc));
      marksOf(doc).insert(1, [bytes(1)]);
    }
    trial.apply(since(doc));
    for (const [client, state] of early.entries()) {
      if (trial.costly >= 20) break;
      const late = docOf(client + 2, state);
      marksOf(late).insert(1, [bytes(1)]);
      trial.apply(since(late, Y.encodeStateVector(docOf(0, state))));
    }
    trial.end();
  },
  'one value set by many who know of none other': () => {
    const trial = new Trial('one value set by many who know of none other');
    for (let client = 1; client <= ONE_BY_ONE && trial.costly < 20; client++) {
      const doc = docOf(client);
      doc.getMap('background').set('opacity', 0.5);
      trial.apply(since(doc));
    }
    trial.end();
  },
};

const [only] = process.argv.slice(2);
for (const [name, run] of Object.entries(trials)) {
  if (only && !name.includes(only)) continue;
  // The first time the engine is still compiling.
  for (let i = 0; i < 2; i++) run();
}
