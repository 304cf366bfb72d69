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
 * Reads updates (version 1) and state vectors of Yjs 13.6 without making anything of them, and stops at the first thing
 * that no drawing has, or when there is too much. The format: src/utils/encoding.js and src/structs/ of yjs.
 */

export interface Id {
  readonly client: number;
  readonly clock: number;
}

/** One item of an update. */
export interface Struct extends Id {
  readonly length: number;
  readonly holds: Value | 'deleted';
  /** Its neighbours when it was made. */
  readonly origin: Id | undefined;
  readonly rightOrigin: Id | undefined;
  /** Where it is, if it had no neighbours. */
  readonly place: string | undefined;
}

/** What was taken away: so many clocks from one on. */
export interface Range extends Id {
  readonly length: number;
}

export interface ReadUpdate {
  /** In the order of each author. */
  readonly authors: ReadonlyMap<number, readonly Struct[]>;
  readonly deleted: readonly Range[];
}

class Unreadable extends Error {}
class TooMuch extends Error {}

/** Sums of clocks stay exact. */
const MAX_CLOCK = 2 ** 31;
const MAX_CLIENT = 2 ** 32 - 1;

const INFO = { kind: 0x1f, origin: 0x80, rightOrigin: 0x40, key: 0x20 } as const;
const KIND = { deleted: 1, bytes: 3, any: 8, skip: 10 } as const;
const ANY = { integer: 125, float32: 124, float64: 123 } as const;

/**
 * Reads an update.
 *
 * @param max items, and ranges taken away, at the most
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
 * Reads how far each author is, as a state vector says.
 *
 * @returns undefined for bytes that are none, or name more than `max` authors
 */
export function readVector(bytes: Uint8Array, max: number): ReadonlyMap<number, number> | undefined {
  try {
    const from = createDecoder(bytes);
    const vector = new Map<number, number>();
    for (let left = count(from, max); left > 0; left--) vector.set(uint(from, MAX_CLIENT), uint(from, MAX_CLOCK));
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
    const client = uint(from, MAX_CLIENT);
    // Of two runs of one author Yjs forgets the first.
    if (authors.has(client) || items === 0) throw new Unreadable();
    const structs = readStructs(from, client, { items, max: left });
    authors.set(client, structs);
    left -= structs.length;
  }
  return authors;
}

function readStructs(from: Decoder, client: number, { items, max }: { items: number; max: number }): Struct[] {
  const structs: Struct[] = [];
  let clock = uint(from, MAX_CLOCK);
  for (; items > 0; items--) {
    const info = readUint8(from);
    // A gap: what follows it is found to be without what it builds on.
    if (info === KIND.skip) clock += length(from);
    else {
      const [first, count] = readItem(from, info, { client, clock });
      structs.push(first);
      if (structs.length + count - 1 > max) throw new TooMuch();
      for (let i = 1; i < count; i++) structs.push(following(structs.at(-1)!));
      clock = structs.at(-1)!.clock + structs.at(-1)!.length;
    }
    if (clock > MAX_CLOCK) throw new Unreadable();
  }
  return structs;
}

/** Values in one run are each an item by itself, put behind the one before. */
function following({ client, clock, holds, rightOrigin }: Struct): Struct {
  return { client, clock: clock + 1, length: 1, holds, origin: { client, clock }, rightOrigin, place: undefined };
}

/** @returns an item, and how many are in its run */
function readItem(from: Decoder, info: number, { client, clock }: Id): readonly [Struct, number] {
  const origin = info & INFO.origin ? id(from) : undefined;
  const rightOrigin = info & INFO.rightOrigin ? id(from) : undefined;
  const place = origin || rightOrigin ? undefined : readPlace(from, info);
  switch (info & INFO.kind) {
    case KIND.deleted:
      return [{ client, clock, length: length(from), holds: 'deleted', origin, rightOrigin, place }, 1];
    case KIND.bytes:
      skip(from, readVarUint(from));
      return [{ client, clock, length: 1, holds: 'bytes', origin, rightOrigin, place }, 1];
    case KIND.any: {
      const numbers = length(from);
      for (let left = numbers; left > 0; left--) skipNumber(from);
      return [{ client, clock, length: 1, holds: 'number', origin, rightOrigin, place }, numbers];
    }
    default:
      throw new Unreadable();
  }
}

/** A root by its name; an item inside another is in no drawing. */
function readPlace(from: Decoder, info: number): string {
  if (readVarUint(from) !== 1) throw new Unreadable();
  const root = readVarString(from);
  return placeName(root, info & INFO.key ? readVarString(from) : undefined);
}

/** A number, where a value of any kind could be. */
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

/** Each author's ranges rise, as Yjs writes them: ranges that lie over each other would be gone through again and again. */
function readDeleted(from: Decoder, max: number): Range[] {
  const deleted: Range[] = [];
  const seen = new Set<number>();
  let left = max;
  for (let authorsLeft = count(from, left); authorsLeft > 0; authorsLeft--) {
    const client = uint(from, MAX_CLIENT);
    if (seen.has(client)) throw new Unreadable();
    seen.add(client);
    let end = 0;
    const ranges = count(from, left);
    left -= ranges;
    for (let rangesLeft = ranges; rangesLeft > 0; rangesLeft--) {
      const clock = uint(from, MAX_CLOCK);
      if (clock < end) throw new Unreadable();
      const range = { client, clock, length: length(from) };
      deleted.push(range);
      end = clock + range.length;
    }
  }
  return deleted;
}

function id(from: Decoder): Id {
  return { client: uint(from, MAX_CLIENT), clock: uint(from, MAX_CLOCK) };
}

/** Nothing is of length zero: Yjs would take it, and not read what it then writes. */
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

/** Past the end the library reads zeros, and says nothing. */
function skip(from: Decoder, bytes: number): void {
  from.pos += bytes;
  if (from.pos > from.arr.length) throw new Unreadable();
}
