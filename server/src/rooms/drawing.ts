import * as Y from 'yjs';

/** Why a change was not taken; the document is as it was. */
export type Refusal =
  /** It is no update, or holds what no drawing has. */
  | 'garbage'
  /** It builds on changes that did not come, as after one that was refused. */
  | 'incomplete'
  | 'full';

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

/** Counting the bytes of a large document takes milliseconds, and is done at most this often. */
const MEASURE_EVERY_MS = 1_000;
/**
 * Strokes, values and the like, those taken away included: what is left of them keeps its place. Where many of them are
 * put to the same place Yjs compares each with all others there, which takes seconds for so many, and hours for a million.
 */
export const MAX_PARTS = 10_000;
const MAX_DEPTH = 8;
const CONTENT = [Y.ContentAny, Y.ContentBinary, Y.ContentDeleted, Y.ContentString, Y.ContentType] as const;

/** The drawing of a room: a Yjs document that takes nothing it could not have come to by drawing. */
export class Drawing {
  readonly #options: DrawingOptions;
  readonly #doc = new Y.Doc();
  /** No less than there are: what came since they were counted is counted in full. */
  #bytes: number;
  #parts: number;
  #measuredMs = -Infinity;

  /** @param saved a state of a document, from `state()` */
  constructor(options: DrawingOptions, saved?: Uint8Array) {
    this.#options = options;
    if (saved) Y.applyUpdate(this.#doc, saved);
    this.#bytes = saved?.length ?? 0;
    this.#parts = this.#countParts();
    // eslint-disable-next-line max-params -- Yjs calls it like this.
    this.#doc.on('update', (update: Uint8Array, by: unknown, _doc: Y.Doc, { beforeState }: Y.Transaction) => {
      this.#bytes += update.length;
      options.onChange({ update, before: beforeState, by });
    });
  }

  /** How far each author is. */
  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  /** All of it, or what is missing to somebody who is as far as `from`. */
  state(from?: ReadonlyMap<number, number>): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, from && Y.encodeStateVector(new Map(from)));
  }

  /** Takes a change from somebody. */
  apply(update: Uint8Array, by: unknown): Refusal | undefined {
    const decoded = decode(update);
    if (!decoded) return 'garbage';
    const parts = partsOf(decoded.structs);
    const refusal = this.#refusal(decoded) ?? this.#limit(decoded, { bytes: update.length, parts });
    if (refusal) return refusal;
    try {
      this.#parts += parts;
      Y.applyUpdate(this.#doc, update, by);
    } catch {
      // What did get in was told like any change, so that all have the same.
      return 'garbage';
    }
    const { store } = this.#doc;
    if (!store.pendingStructs && !store.pendingDs) return undefined;
    // Changes that need each other in a circle wait for ever.
    store.pendingStructs = store.pendingDs = null;
    return 'garbage';
  }

  #refusal({ structs, ds }: Decoded): Refusal | undefined {
    const known = new Clocks(this.#doc);
    for (const struct of structs) {
      const { client, clock } = struct.id;
      if (struct instanceof Y.Skip || clock > known.of(client)) return 'incomplete';
      known.reach(client, clock + struct.length);
    }
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue;
      if (!isOfDrawing(struct.content)) return 'garbage';
      if (neededBy(struct).some((id) => !known.has(id, struct.id))) return 'incomplete';
    }
    for (const [client, deleted] of ds.clients) {
      if (deleted.some(({ clock, len }) => clock + len > known.of(client))) return 'incomplete';
    }
    return undefined;
  }

  #limit({ structs, ds }: Decoded, { bytes, parts }: Size): 'full' | undefined {
    const takenAway = [...ds.clients.values()].reduce((sum, deleted) => sum + deleted.length, 0);
    if (takenAway > MAX_PARTS) return 'full';
    // What only takes away makes room.
    return structs.length === 0 || this.#hasRoomFor({ bytes, parts }) ? undefined : 'full';
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

  #countParts(): number {
    return partsOf([...this.#doc.store.clients.values()].flat());
  }
}

interface Size {
  readonly bytes: number;
  readonly parts: number;
}

type Decoded = ReturnType<typeof Y.decodeUpdate>;

function decode(update: Uint8Array): Decoded | undefined {
  try {
    return Y.decodeUpdate(update);
  } catch {
    return undefined;
  }
}

/** What was taken away and lies together is one; of the rest each may be taken away by itself. */
function partsOf(structs: Decoded['structs']): number {
  const isWhole = (struct: Decoded['structs'][number]) =>
    !(struct instanceof Y.Item) || struct.deleted || struct.content instanceof Y.ContentDeleted;
  return structs.reduce((sum, struct) => sum + (isWhole(struct) ? 1 : struct.length), 0);
}

/** How far each author is, as a state vector says; undefined for bytes that are none. */
export function readVector(bytes: Uint8Array): ReadonlyMap<number, number> | undefined {
  try {
    return Y.decodeStateVector(bytes);
  } catch {
    return undefined;
  }
}

/** How far each author is, in a document and in the changes that come to it. */
class Clocks {
  readonly #doc: Y.Doc;
  readonly #reached = new Map<number, number>();

  constructor(doc: Y.Doc) {
    this.#doc = doc;
  }

  of(client: number): number {
    return this.#reached.get(client) ?? Y.getState(this.#doc.store, client);
  }

  reach(client: number, clock: number): void {
    if (clock > this.of(client)) this.#reached.set(client, clock);
  }

  /** Whether `needed` is there when the change `by` is made. */
  has(needed: Y.ID, by: Y.ID): boolean {
    return needed.client === by.client ? needed.clock < by.clock : needed.clock < this.of(needed.client);
  }
}

function neededBy({ origin, rightOrigin, parent }: Y.Item): Y.ID[] {
  return [origin, rightOrigin, parent].filter((id) => id instanceof Y.ID);
}

function isOfDrawing(content: Y.Item['content']): boolean {
  if (!CONTENT.some((kind) => content instanceof kind)) return false;
  return !(content instanceof Y.ContentAny) || content.arr.every((value) => isShallow(value, MAX_DEPTH));
}

/** What is nested too deeply could be read and not written. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}
