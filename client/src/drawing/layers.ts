import type { Mark } from './marks.js';

/** A layer of a drawing. */
export interface Layer {
  /** Marks name it. The first layer of every drawing is 0. */
  readonly id: number;
  readonly name: string;
  readonly isHidden: boolean;
  /** 0..1 */
  readonly opacity: number;
}

/** The sheet's own colour: the model's ground, nothing, or a CSS colour. */
export type Paper = 'model' | 'transparent' | (string & {});

export const MAX_LAYERS = 16;
export const MAX_LAYER_NAME = 40;
const FIRST: Layer = Object.freeze({ id: 0, name: '', isHidden: false, opacity: 1 });
export const ONE_LAYER: readonly Layer[] = Object.freeze([FIRST]);

/** The marks of each layer, from the bottom up. Marks of a layer that was removed meanwhile are on the lowest one. */
export function marksByLayer(marks: readonly Mark[], layers: readonly Layer[]): ReadonlyMap<Layer, readonly Mark[]> {
  const found = new Map<Layer, Mark[]>(layers.map((layer) => [layer, []]));
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const lowest = layers[0] ?? FIRST;
  for (const mark of marks) found.get(byId.get(mark.layer ?? 0) ?? lowest)?.push(mark);
  return found;
}
