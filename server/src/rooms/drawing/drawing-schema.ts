/*
 * Everything that the document of a drawing may hold. Updates with anything else are rejected before they are merged. To
 * keep more in a drawing, add it here first, and to docs/PROTOCOL.md.
 */

/** `bytes`: one run of bytes. `number`: one finite number. */
export type Value = 'bytes' | 'number';

/** A list of values, or a map with these keys; at the root of the document, never one inside the other. */
type Shape = { readonly list: Value } | { readonly map: Readonly<Record<string, Value>> };

const DRAWING: Readonly<Record<string, Shape>> = {
  /** In painting order; client/src/room/mark-codec.ts encodes and decodes the bytes. */
  marks: { list: 'bytes' },
  /** From the bottom up; client/src/room/layer-codec.ts encodes and decodes the bytes. */
  layers: { list: 'bytes' },
  /** A JPEG under the marks, and the colour of the paper as text. */
  background: { map: { file: 'bytes', opacity: 'number', paper: 'bytes' } },
};

/** A place that holds values in an order: a list, or a key of a map with its earlier values. */
export interface Place {
  readonly name: string;
  readonly holds: Value;
  readonly isKey: boolean;
}

/** The name of a place: that of a list, or those of a map and its key. */
export function placeName(root: string, key: string | undefined): string {
  return key === undefined ? root : `${root}.${key}`;
}

export const PLACES: readonly Place[] = Object.entries(DRAWING).flatMap(([root, shape]): Place[] => {
  if ('list' in shape) return [{ name: placeName(root, undefined), holds: shape.list, isKey: false }];
  return Object.entries(shape.map).map(([key, holds]) => ({ name: placeName(root, key), holds, isKey: true }));
});
