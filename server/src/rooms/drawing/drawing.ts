import * as Y from 'yjs';
import { MergeOrder } from './merge-order.js';
import type { MergeRefusal } from './merge-turns.js';
import { readUpdate, type ReadUpdate } from './update-reader.js';

/** Why a change was rejected. The document has not changed. */
export type DrawingRefusal = MergeRefusal | 'full';

/** A change that was merged. */
export interface Change {
  readonly update: Uint8Array;
  /** How far each author was before it. */
  readonly before: ReadonlyMap<number, number>;
  /** As given to `apply`. */
  readonly by: unknown;
}

export interface DrawingOptions {
  /** Largest size of the document. */
  readonly maxBytes: number;
  readonly onChange: (change: Change) => void;
  readonly now: () => number;
}

/** A saved drawing is invalid. */
export class DrawingError extends Error {
  override readonly name = 'DrawingError';
}

/** Counting the bytes of a large document takes milliseconds, and is done at most this often. */
const MEASURE_EVERY_MS = 1_000;
/** Strokes and values, deleted ones included, because their remains keep their place. */
export const MAX_PARTS = 10_000;
/**
 * Most comparisons for merging: one change; the whole drawing, loaded again as a trial when a change is merged; and a saved
 * drawing that is loaded, which may hold items that were not checked. Each takes about 0.1 us here and 0.2 us in Yjs. 30
 * people who draw 2 500 strokes at once need 4 400; one who drew 1 000 alone while others drew 5 000 adds 5 000.
 */
const MAX_STEPS = { change: 60_000, all: 50_000, load: 150_000 } as const;

/** The drawing of a room: a Yjs document that only accepts changes that drawing can make. */
export class Drawing {
  readonly #options: DrawingOptions;
  readonly #doc = new Y.Doc();
  #order: MergeOrder;
  /** Upper bounds: everything that came since the last count is counted in full. */
  #bytes: number;
  #parts: number;
  #measuredMs = -Infinity;
  #steps = 0;

  /**
   * @param saved a state of a document, from `toSave()`
   * @throws DrawingError if it is not one
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

  /** Number of authors. */
  get authors(): number {
    return this.#doc.store.clients.size;
  }

  /** Whether there are marks of this author. */
  hasAuthor(author: number): boolean {
    return this.#doc.store.clients.has(author);
  }

  /** How far each author is. */
  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  /** The whole document, or the part that somebody as far as `from` lacks. */
  state(from?: ReadonlyMap<number, number>): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, from && this.#vectorFrom(from));
  }

  /** The whole document, for the constructor. */
  toSave(): Uint8Array {
    const state = this.state();
    this.#bytes = state.length;
    this.#parts = this.#countParts();
    // Deleted items have been joined.
    const order = this.#order.size > 2 * this.#parts ? orderOf(state) : undefined;
    if (order instanceof MergeOrder) this.#order = order;
    return state;
  }

  /** Comparisons that the last change took, even if it was rejected. */
  get steps(): number {
    return this.#steps;
  }

  /** Merges a change, or says why not. @param by is passed on to `onChange` */
  apply(update: Uint8Array, by: unknown): DrawingRefusal | undefined {
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

  #hasRoomFor({ bytes, parts }: { bytes: number; parts: number }): boolean {
    const { maxBytes, now } = this.#options;
    const hasRoom = () => this.#bytes + bytes <= maxBytes && this.#parts + parts <= MAX_PARTS;
    if (hasRoom()) return true;
    if (now() - this.#measuredMs < MEASURE_EVERY_MS) return false;
    this.#measuredMs = now();
    this.#bytes = this.state().length;
    this.#parts = this.#countParts();
    return hasRoom();
  }

  /** Deleted items that were joined count once; of the others each may still be deleted separately. */
  #countParts(): number {
    const items = [...this.#doc.store.clients.values()].flat();
    return items.reduce((sum, item) => sum + (item.deleted ? 1 : item.length), 0);
  }

  /** Leaves out authors that the document does not have. */
  #vectorFrom(from: ReadonlyMap<number, number>): Uint8Array {
    return Y.encodeStateVector(new Map([...from].filter(([author]) => this.hasAuthor(author))));
  }
}

const EMPTY_STATE = Y.encodeStateAsUpdate(new Y.Doc());

/** The order of a state of a document, or why it cannot be loaded. */
function orderOf(state: Uint8Array): MergeOrder | DrawingRefusal {
  const read = readUpdate(state, 2 * MAX_PARTS);
  if (typeof read === 'string') return read;
  const order = new MergeOrder();
  return order.merge(read, { maxSteps: MAX_STEPS.load }) ?? order;
}

/** Number of items in a change that the order does not have yet. */
function newParts({ authors }: ReadUpdate, order: MergeOrder): number {
  let parts = 0;
  for (const [author, structs] of authors) {
    const known = order.reached(author);
    for (const { clock, length } of structs) if (clock + length > known) parts += 1;
  }
  return parts;
}
