import {
  createDecoder,
  hasContent,
  readUint8,
  readVarInt,
  readVarString,
  readVarUint,
  type Decoder,
} from 'lib0/decoding';
import { placeName, type Value } from './drawing-schema.js';

/*
 * Reads updates (version 1) and state vectors of Yjs 13.6 without building a document. Stops at the first thing that no
 * drawing can hold, or when there is too much. The format: src/utils/encoding.js and src/structs/ of yjs.
 */

export interface Id {
  readonly author: number;
  readonly clock: number;
}

/** One item of an update. */
export interface Struct extends Id {
  readonly length: number;
  readonly holds: Value | 'deleted';
  /** Its neighbours when it was created. */
  readonly origin: Id | undefined;
  readonly rightOrigin: Id | undefined;
  /** Its place, if it had no neighbours. */
  readonly place: string | undefined;
}

/** Deleted items: `length` clocks from `clock` on. */
export interface Range extends Id {
  readonly length: number;
}

export interface ReadUpdate {
  /** Items by author, by rising clock. */
  readonly authors: ReadonlyMap<number, readonly Struct[]>;
  readonly deleted: readonly Range[];
}

class Unreadable extends Error {}
class TooMuch extends Error {}

/** Keeps sums of clocks exact. */
const MAX_CLOCK = 2 ** 31;
const MAX_AUTHOR = 2 ** 32 - 1;

const INFO = { kind: 0x1f, origin: 0x80, rightOrigin: 0x40, key: 0x20 } as const;
const KIND = { deleted: 1, bytes: 3, any: 8, skip: 10 } as const;
const ANY = { integer: 125, float32: 124, float64: 123 } as const;

/**
 * Reads an update.
 *
 * @param max most items, and most ranges of deleted ones
 */
export function readUpdate(bytes: Uint8Array, max: number): ReadUpdate | 'garbage' | 'full' {
  try {
    const from = createDecoder(bytes);
    const authors = readAuthors(from, max);
    const deleted = readDeleted(from, max);
    return hasContent(from) ? 'garbage' : { authors, deleted };
  } catch (error) {
    return error instanceof TooMuch ? 'full' : 'garbage';
  }
}

/**
 * Reads a state vector: how far each author is.
 *
 * @returns undefined if the bytes are not one, or name more than `max` authors
 */
export function readVector(bytes: Uint8Array, max: number): ReadonlyMap<number, number> | undefined {
  try {
    const from = createDecoder(bytes);
    const vector = new Map<number, number>();
    for (let left = count(from, max); left > 0; left--) vector.set(uint(from, MAX_AUTHOR), uint(from, MAX_CLOCK));
    return hasContent(from) ? undefined : vector;
  } catch {
    return undefined;
  }
}

function readAuthors(from: Decoder, max: number): ReadUpdate['authors'] {
  const authors = new Map<number, Struct[]>();
  let left = max;
  for (let authorsLeft = count(from, left); authorsLeft > 0; authorsLeft--) {
    const items = count(from, left);
    const author = uint(from, MAX_AUTHOR);
    // If an author comes twice, Yjs forgets the first run.
    if (authors.has(author) || items === 0) throw new Unreadable();
    const structs = readStructs(from, author, { items, max: left });
    authors.set(author, structs);
    left -= structs.length;
  }
  return authors;
}

function readStructs(from: Decoder, author: number, { items, max }: { items: number; max: number }): Struct[] {
  const structs: Struct[] = [];
  let clock = uint(from, MAX_CLOCK);
  for (; items > 0; items--) {
    const info = readUint8(from);
    // A gap: merging finds that the items after it lack what they build on.
    if (info === KIND.skip) clock += length(from);
    else {
      const [first, count] = readItem(from, info, { author, clock });
      structs.push(first);
      if (structs.length + count - 1 > max) throw new TooMuch();
      for (let i = 1; i < count; i++) structs.push(following(structs.at(-1)!));
      clock = structs.at(-1)!.clock + structs.at(-1)!.length;
    }
    if (clock > MAX_CLOCK) throw new Unreadable();
  }
  return structs;
}

/** Each value of a run is an item of its own, to the right of the one before. */
function following({ author, clock, holds, rightOrigin }: Struct): Struct {
  return { author, clock: clock + 1, length: 1, holds, origin: { author, clock }, rightOrigin, place: undefined };
}

/** @returns the first item of a run, and the number of items in it */
function readItem(from: Decoder, info: number, { author, clock }: Id): readonly [Struct, number] {
  const origin = info & INFO.origin ? id(from) : undefined;
  const rightOrigin = info & INFO.rightOrigin ? id(from) : undefined;
  const place = origin || rightOrigin ? undefined : readPlace(from, info);
  switch (info & INFO.kind) {
    case KIND.deleted:
      return [{ author, clock, length: length(from), holds: 'deleted', origin, rightOrigin, place }, 1];
    case KIND.bytes:
      skip(from, readVarUint(from));
      return [{ author, clock, length: 1, holds: 'bytes', origin, rightOrigin, place }, 1];
    case KIND.any: {
      const numbers = length(from);
      for (let left = numbers; left > 0; left--) skipNumber(from);
      return [{ author, clock, length: 1, holds: 'number', origin, rightOrigin, place }, numbers];
    }
    default:
      throw new Unreadable();
  }
}

/** Reads the name of a root. Drawings have no items inside of others. */
function readPlace(from: Decoder, info: number): string {
  if (readVarUint(from) !== 1) throw new Unreadable();
  const root = readVarString(from);
  return placeName(root, info & INFO.key ? readVarString(from) : undefined);
}

/** Skips a value, which must be a number. */
function skipNumber(from: Decoder): void {
  switch (readUint8(from)) {
    case ANY.integer:
      readVarInt(from);
      return;
    case ANY.float32:
      return requireFinite(from, 4);
    case ANY.float64:
      return requireFinite(from, 8);
    default:
      throw new Unreadable();
  }
}

function requireFinite(from: Decoder, size: 4 | 8): void {
  const at = from.pos;
  skip(from, size);
  const view = new DataView(from.arr.buffer, from.arr.byteOffset + at, size);
  if (!Number.isFinite(size === 4 ? view.getFloat32(0) : view.getFloat64(0))) throw new Unreadable();
}

/** Requires rising ranges for each author, as Yjs writes them. Overlapping ones would be processed again and again. */
function readDeleted(from: Decoder, max: number): Range[] {
  const deleted: Range[] = [];
  const seen = new Set<number>();
  let left = max;
  for (let authorsLeft = count(from, left); authorsLeft > 0; authorsLeft--) {
    const author = uint(from, MAX_AUTHOR);
    if (seen.has(author)) throw new Unreadable();
    seen.add(author);
    let end = 0;
    const ranges = count(from, left);
    left -= ranges;
    for (let rangesLeft = ranges; rangesLeft > 0; rangesLeft--) {
      const clock = uint(from, MAX_CLOCK);
      if (clock < end) throw new Unreadable();
      const range = { author, clock, length: length(from) };
      deleted.push(range);
      end = clock + range.length;
    }
  }
  return deleted;
}

function id(from: Decoder): Id {
  return { author: uint(from, MAX_AUTHOR), clock: uint(from, MAX_CLOCK) };
}

/** Rejects zero: Yjs would accept the item, and then write a document that it cannot read. */
function length(from: Decoder): number {
  const value = uint(from, MAX_CLOCK);
  if (value === 0) throw new Unreadable();
  return value;
}

function count(from: Decoder, max: number): number {
  const value = readVarUint(from);
  if (value > max) throw new TooMuch();
  return value;
}

function uint(from: Decoder, max: number): number {
  const value = readVarUint(from);
  if (value > max) throw new Unreadable();
  return value;
}

/** Past the end the library silently reads zeros. */
function skip(from: Decoder, bytes: number): void {
  from.pos += bytes;
  if (from.pos > from.arr.length) throw new Unreadable();
}
