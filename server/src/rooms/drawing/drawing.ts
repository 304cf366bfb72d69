import * as Y from 'yjs';
import { MergeOrder } from './merge-order.js';
import type { MergeRefusal } from './merge-turns.js';
import { readUpdate, type ReadUpdate } from './update-reader.js';

/** Why a change was not taken; the document is as it was. */
export type Refusal = MergeRefusal | 'full';

/** What a change added. */
export interface Change {
  readonly update: Uint8Array;
  /** How far each author was before it. */
  readonly before: ReadonlyMap<number, number>;
  /** Who brought it, as named to `apply`. */
  readonly by: unknown;
}

export interface DrawingOptions {
  /** Size of the document at the most. */
  readonly maxBytes: number;
  readonly onChange: (change: Change) => void;
  readonly now: () => number;
}

/** A saved drawing cannot be used. */
export class DrawingError extends Error {
  override readonly name = 'DrawingError';
}

/** Counting the bytes of a large document takes milliseconds, and is done at most this often. */
const MEASURE_EVERY_MS = 1_000;
/** Strokes, values and the like, those taken away included: what is left of them keeps its place. */
export const MAX_PARTS = 10_000;
/**
 * Comparisons that merging takes at the most: of one change; of the whole drawing, loaded anew, when a change is taken; and
 * of a saved one that is loaded, which may hold some items that were not looked at. Each is about 0.1 us here and 0.2 us in
 * Yjs. 30 people who draw 2 500 strokes at once come to 4 400; one who drew 1 000 alone while others drew 5 000 adds 5 000.
 */
const MAX_STEPS = { change: 60_000, all: 50_000, load: 150_000 } as const;

/** The drawing of a room: a Yjs document that takes nothing it could not have come to by drawing. */
export class Drawing {
  readonly #options: DrawingOptions;
  readonly #doc = new Y.Doc();
  #order: MergeOrder;
  /** No less than there are: what came since they were counted is counted in full. */
  #bytes: number;
  #parts: number;
  #measuredMs = -Infinity;
  #steps = 0;

  /**
   * @param saved a state of a document, from `toSave()`
   * @throws DrawingError when it is none
   */
  constructor(options: DrawingOptions, saved: Uint8Array = EMPTY_STATE) {
    this.#options = options;
    const order = orderOf(saved);
    if (!(order instanceof MergeOrder)) throw new DrawingError(`the drawing cannot be loaded: ${order}`);
    this.#order = order;
    Y.applyUpdate(this.#doc, saved);
    this.#bytes = saved.length;
    this.#parts = this.#countParts();
    // eslint-disable-next-line max-params -- Yjs calls it like this.
    this.#doc.on('update', (update: Uint8Array, by: unknown, _doc: Y.Doc, { beforeState }: Y.Transaction) => {
      this.#bytes += update.length;
      options.onChange({ update, before: beforeState, by });
    });
  }

  /** Whether nobody ever drew in it. */
  get isUntouched(): boolean {
    return this.#doc.store.clients.size === 0;
  }

  /** Size of the document, or a little more. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many have drawn in it. */
  get authors(): number {
    return this.#doc.store.clients.size;
  }

  /** Whether somebody drew under this number. */
  hasAuthor(client: number): boolean {
    return this.#doc.store.clients.has(client);
  }

  /** How far each author is. */
  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  /** All of it, or what is missing to somebody who is as far as `from`. */
  state(from?: ReadonlyMap<number, number>): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, from && this.#vectorFrom(from));
  }

  /** All of it, to make it of again. */
  toSave(): Uint8Array {
    const state = this.state();
    this.#bytes = state.length;
    this.#parts = this.#countParts();
    // What was taken away has come to lie together.
    const order = this.#order.size > 2 * this.#parts ? orderOf(state) : undefined;
    if (order instanceof MergeOrder) this.#order = order;
    return state;
  }

  /** Comparisons that the last change took, also when it was refused. */
  get steps(): number {
    return this.#steps;
  }

  /** Takes a change from somebody. */
  apply(update: Uint8Array, by: unknown): Refusal | undefined {
    this.#steps = 0;
    const read = readUpdate(update, MAX_PARTS);
    if (typeof read === 'string') return read;
    const parts = newParts(read, this.#order);
    if (parts > 0 && !this.#hasRoomFor({ bytes: update.length, parts })) return 'full';
    const refusal = this.#order.merge(read, { maxSteps: MAX_STEPS.change, maxLoadSteps: MAX_STEPS.all });
    this.#steps = this.#order.steps;
    if (refusal) return refusal;
    this.#parts += parts;
    Y.applyUpdate(this.#doc, update, by);
    return undefined;
  }

  #hasRoomFor({ bytes, parts }: Size): boolean {
    const { maxBytes, now } = this.#options;
    const hasRoom = () => this.#bytes + bytes <= maxBytes && this.#parts + parts <= MAX_PARTS;
    if (hasRoom()) return true;
    if (now() - this.#measuredMs < MEASURE_EVERY_MS) return false;
    this.#measuredMs = now();
    this.#bytes = this.state().length;
    this.#parts = this.#countParts();
    return hasRoom();
  }

  /** What was taken away and lies together is one; of the rest each may be taken away by itself. */
  #countParts(): number {
    const items = [...this.#doc.store.clients.values()].flat();
    return items.reduce((sum, item) => sum + (item.deleted ? 1 : item.length), 0);
  }

  /** Of the authors there are: a vector may name others, and means nothing by it. */
  #vectorFrom(from: ReadonlyMap<number, number>): Uint8Array {
    return Y.encodeStateVector(new Map([...from].filter(([client]) => this.hasAuthor(client))));
  }
}

interface Size {
  readonly bytes: number;
  readonly parts: number;
}

const EMPTY_STATE = Y.encodeStateAsUpdate(new Y.Doc());

/** The order of a state of a document, or why it is none that can be loaded. */
function orderOf(state: Uint8Array): MergeOrder | Refusal {
  const read = readUpdate(state, 2 * MAX_PARTS);
  if (typeof read === 'string') return read;
  const order = new MergeOrder();
  return order.merge(read, { maxSteps: MAX_STEPS.load }) ?? order;
}

/** What a change adds to what is known. */
function newParts({ authors }: ReadUpdate, order: MergeOrder): number {
  let parts = 0;
  for (const [client, structs] of authors) {
    const known = order.reached(client);
    for (const { clock, length } of structs) if (clock + length > known) parts += 1;
  }
  return parts;
}
