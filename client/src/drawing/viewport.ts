/** The visible part of the sketch: enlarged by `scale`, and moved by fractions of the stage. Scale 1 shows all of it. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: Viewport = Object.freeze({ scale: 1, x: 0, y: 0 });
const MAX_SCALE = 8;

/** Enlarges about a point of the stage, given as fractions. The point of the sketch at that place stays there. */
export function zoomAt(view: Viewport, factor: number, [x, y]: readonly [number, number]): Viewport {
  const scale = clamp(view.scale * factor, 1, MAX_SCALE);
  const ratio = scale / view.scale;
  return inside({ scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio });
}

/** Moves by fractions of the stage. */
export function panBy(view: Viewport, dx: number, dy: number): Viewport {
  return inside({ ...view, x: view.x + dx, y: view.y + dy });
}

/** As a CSS transform of an element as large as the stage, with its origin at the top left. */
export function cssTransform({ scale, x, y }: Viewport): string {
  return scale === 1 ? 'none' : `translate(${x * 100}%, ${y * 100}%) scale(${scale})`;
}

/** The sketch always covers the stage. */
function inside({ scale, x, y }: Viewport): Viewport {
  return { scale, x: clamp(x, 1 - scale, 0), y: clamp(y, 1 - scale, 0) };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
