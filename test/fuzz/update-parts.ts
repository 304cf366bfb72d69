import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

export interface Id {
  client: number;
  clock: number;
}

export interface Item {
  kind: number;
  origin: Id | null;
  rightOrigin: Id | null;
  root: string;
  key: string | null;
  length: number;
  bytes: Uint8Array;
  numbers: number[];
}

interface Author {
  client: number;
  clock: number;
  items: Item[];
}

/** An update: the new items of each author, and the deletions. */
export interface Parts {
  authors: Author[];
  deleted: { client: number; ranges: { clock: number; length: number }[] }[];
}

export function takeApart(update: Uint8Array): Parts {
  const { structs, ds } = Y.decodeUpdate(update);
  const authors = new Map<number, Author>();
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue;
    const { client, clock } = struct.id;
    const author = authors.get(client) ?? { client, clock, items: [] };
    authors.set(client, author);
    author.items.push(itemOf(struct));
  }
  const deleted = [...ds.clients].map(([client, ranges]) => ({
    client,
    ranges: ranges.map(({ clock, len }) => ({ clock, length: len })),
  }));
  return { authors: [...authors.values()], deleted };
}

function itemOf({ origin, rightOrigin, parent, parentSub, content, length }: Y.Item): Item {
  const bytes = content instanceof Y.ContentBinary ? content.content : new Uint8Array();
  const numbers = content instanceof Y.ContentAny ? (content.arr as number[]) : [];
  const root = typeof parent === 'string' ? parent : 'marks';
  return {
    kind: content.getRef(),
    origin: copied(origin),
    rightOrigin: copied(rightOrigin),
    root,
    key: parentSub,
    length,
    bytes,
    numbers,
  };
}

function copied(id: Y.ID | null): Id | null {
  return id && { client: id.client, clock: id.clock };
}

/** The bytes of an update, in the first version of the format of Yjs, whether its parts make sense or not. */
export function putTogether({ authors, deleted }: Parts): Uint8Array {
  const to = encoding.createEncoder();
  encoding.writeVarUint(to, authors.length);
  for (const { client, clock, items } of authors) {
    for (const value of [items.length, client, clock]) encoding.writeVarUint(to, value);
    for (const item of items) writeItem(to, item);
  }
  encoding.writeVarUint(to, deleted.length);
  for (const { client, ranges } of deleted) {
    for (const value of [client, ranges.length]) encoding.writeVarUint(to, value);
    for (const { clock, length } of ranges) for (const value of [clock, length]) encoding.writeVarUint(to, value);
  }
  return encoding.toUint8Array(to);
}

function writeItem(to: encoding.Encoder, { kind, origin, rightOrigin, root, key, length, bytes, numbers }: Item): void {
  const info = kind | (origin ? 0x80 : 0) | (rightOrigin ? 0x40 : 0) | (key === null ? 0 : 0x20);
  encoding.writeUint8(to, info);
  for (const id of [origin, rightOrigin]) {
    if (!id) continue;
    encoding.writeVarUint(to, id.client);
    encoding.writeVarUint(to, id.clock);
  }
  if (!origin && !rightOrigin) {
    encoding.writeVarUint(to, 1);
    encoding.writeVarString(to, root);
    if (key !== null) encoding.writeVarString(to, key);
  }
  if (kind === 3) return encoding.writeVarUint8Array(to, bytes);
  if (kind === 4) return encoding.writeVarString(to, 'x'.repeat(length));
  if (kind !== 2 && kind !== 8) return encoding.writeVarUint(to, length);
  encoding.writeVarUint(to, numbers.length);
  for (const number of numbers) encoding.writeAny(to, number);
}
