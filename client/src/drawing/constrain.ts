import type { Point } from './marks.js';

const STEP = Math.PI / 4;

/** Moves the end of a line so that its direction is a multiple of 45 degrees. */
export function constrainLine([x0, y0]: Point, [x1, y1]: Point): Point {
  const angle = Math.round(Math.atan2(y1 - y0, x1 - x0) / STEP) * STEP;
  // The projection on that direction: the end stays near the pointer.
  const length = (x1 - x0) * Math.cos(angle) + (y1 - y0) * Math.sin(angle);
  return [x0 + length * Math.cos(angle), y0 + length * Math.sin(angle)];
}

/** Moves a corner of a box so that the box is a square. */
export function constrainBox([x0, y0]: Point, [x1, y1]: Point): Point {
  const side = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  return [x0 + (x1 < x0 ? -side : side), y0 + (y1 < y0 ? -side : side)];
}
