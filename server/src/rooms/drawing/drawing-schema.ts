/*
 * What the document of a drawing may hold. Everything else is refused before it is merged, so whatever the elements learn
 * to keep in a drawing needs a line here first, and one in docs/PROTOCOL.md.
 */

/** `bytes`: one run of bytes. `number`: one finite number. */
export type Value = 'bytes' | 'number';

/** A list of values, or a map with these keys; at the root of the document, never one inside the other. */
type Shape = { readonly list: Value } | { readonly map: Readonly<Record<string, Value>> };

const DRAWING: Readonly<Record<string, Shape>> = {
  /** In the order in which they are painted; client/src/room/mark-codec.ts says what the bytes are. */
  marks: { list: 'bytes' },
  /** A JPEG under the marks. */
  background: { map: { file: 'bytes', opacity: 'number' } },
};

/** A place whose values are in an order: a list, or what a key of a map held one after the other. */
export interface Place {
  readonly name: string;
  readonly holds: Value;
  readonly isKey: boolean;
}

/** What a place is called: a list by its own name, a key of a map by both. */
export function placeName(root: string, key: string | undefined): string {
  return key === undefined ? root : `${root}.${key}`;
}

export const PLACES: readonly Place[] = Object.entries(DRAWING).flatMap(([root, shape]): Place[] => {
  if ('list' in shape) return [{ name: placeName(root, undefined), holds: shape.list, isKey: false }];
  return Object.entries(shape.map).map(([key, holds]) => ({ name: placeName(root, key), holds, isKey: true }));
});
