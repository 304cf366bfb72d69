import { layersOf, type DrawingState } from './drawing.js';
import { MAX_LAYERS, type Layer } from './layers.js';
import { newId, type Mark } from './marks.js';

type Change = Partial<DrawingState>;

/** Adds an empty layer over another one. @returns null if there are enough */
export function layerAdded(state: DrawingState, over: number, name: string): { change: Change; id: number } | null {
  const layers = layersOf(state);
  if (layers.length >= MAX_LAYERS) return null;
  const id = newId();
  const at = layers.findIndex((layer) => layer.id === over) + 1 || layers.length;
  return { id, change: { layers: layers.toSpliced(at, 0, { id, name, isHidden: false, opacity: 1 }) } };
}

export function layerChanged(state: DrawingState, id: number, change: Partial<Omit<Layer, 'id'>>): Change {
  return { layers: layersOf(state).map((layer) => (layer.id === id ? { ...layer, ...change } : layer)) };
}

/** Removes a layer with its marks; the last one stays. */
export function layerRemoved(state: DrawingState, id: number): Change {
  const layers = layersOf(state);
  if (layers.length < 2) return {};
  const gone = new Set(marksOf(state, id));
  return { layers: layers.filter((layer) => layer.id !== id), marks: state.marks.filter((mark) => !gone.has(mark)) };
}

/** @param by 1: up, -1: down */
export function layerMoved(state: DrawingState, id: number, by: 1 | -1): Change {
  const layers = layersOf(state);
  const at = layers.findIndex((layer) => layer.id === id);
  const layer = layers[at];
  if (layer === undefined || layers[at + by] === undefined) return {};
  return { layers: layers.toSpliced(at, 1).toSpliced(at + by, 0, layer) };
}

/** The layer under another one. */
export function layerUnder(state: DrawingState, id: number): Layer | undefined {
  const layers = layersOf(state);
  return layers[layers.findIndex((layer) => layer.id === id) - 1];
}

/**
 * Puts the marks of a layer over those of the one under it.
 *
 * @param picture the layer as one picture, if its marks would look different there
 */
export function mergedDown(state: DrawingState, id: number, picture: Blob | null): Change {
  const under = layerUnder(state, id);
  if (under === undefined) return {};
  const own = marksOf(state, id);
  const moving: readonly Mark[] =
    picture === null ? own : [{ kind: 'picture', id: newId(), opacity: 1, blob: picture }];
  const rest = state.marks.filter((mark) => !own.includes(mark));
  return {
    layers: layersOf(state).filter((layer) => layer.id !== id),
    marks: [...rest, ...moving.map((mark) => ({ ...mark, layer: under.id }))],
  };
}

/** Whether the marks of a layer look the same on the one under it. An eraser would erase there, and opacities add up. */
export function staysSame(state: DrawingState, id: number): boolean {
  const layer = layersOf(state).find((each) => each.id === id);
  const isFaint = layer !== undefined && (layer.opacity < 1 || layer.isHidden);
  const under = layerUnder(state, id);
  const isUnderFaint = under !== undefined && under.opacity < 1;
  return !isFaint && !isUnderFaint && marksOf(state, id).every(({ kind }) => kind !== 'eraser' && kind !== 'fill');
}

/** Marks of a layer that is gone belong to the lowest. */
export function marksOf(state: DrawingState, id: number): readonly Mark[] {
  const layers = layersOf(state);
  const known = new Set(layers.map((layer) => layer.id));
  const lowest = layers[0]!.id;
  return state.marks.filter(({ layer = 0 }) => (known.has(layer) ? layer : lowest) === id);
}
