import { constrainLine } from '../drawing/constrain.js';
import type { Point } from '../drawing/marks.js';
import type { Matrix } from '../drawing/matrix.js';
import type { Box } from './geometry.js';

/** A handle of the frame around the selection, as fractions of the frame; or the one that turns it. */
export type Handle = readonly [fx: 0 | 0.5 | 1, fy: 0 | 0.5 | 1] | 'turn';

export const HANDLES: readonly Handle[] = [
  'turn',
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [0.5, 0],
  [1, 0.5],
  [0.5, 1],
  [0, 0.5],
];

/** Distance of the handle that turns from the frame. CSS pixels. */
const TURN_PX = 26;
const TURN_STEP = Math.PI / 12;
const LEAST_SCALE = 0.01;

export function placeOf(handle: Handle, box: Box, unitPx: number): Point {
  if (handle === 'turn') return [(box.left + box.right) / 2, box.top - TURN_PX / unitPx];
  return [box.left + handle[0] * (box.right - box.left), box.top + handle[1] * (box.bottom - box.top)];
}

export interface Drag {
  readonly from: Point;
  readonly to: Point;
  readonly isConstrained: boolean;
}

export function moved({ from, to, isConstrained }: Drag): Matrix {
  const [x, y] = isConstrained ? constrainLine(from, to) : to;
  return [1, 0, 0, 1, x - from[0], y - from[1]];
}

/** About the opposite handle. @param drag with equal scales in both directions if it is constrained */
export function scaled(box: Box, handle: Exclude<Handle, 'turn'>, { from, to, isConstrained }: Drag): Matrix {
  const opposite = [1 - handle[0], 1 - handle[1]] as Exclude<Handle, 'turn'>;
  const [ax, ay] = placeOf(opposite, box, 1);
  let sx = handle[0] === 0.5 ? 1 : ratio(to[0] - ax, from[0] - ax);
  let sy = handle[1] === 0.5 ? 1 : ratio(to[1] - ay, from[1] - ay);
  if (isConstrained) {
    const both =
      handle[0] === 0.5 ? Math.abs(sy) : handle[1] === 0.5 ? Math.abs(sx) : Math.max(Math.abs(sx), Math.abs(sy));
    [sx, sy] = [both * (Math.sign(sx) || 1), both * (Math.sign(sy) || 1)];
  }
  return [sx, 0, 0, sy, ax - sx * ax, ay - sy * ay];
}

/** About the middle of the frame. */
export function turned(box: Box, { from, to, isConstrained }: Drag): Matrix {
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const turn = Math.atan2(to[1] - y, to[0] - x) - Math.atan2(from[1] - y, from[0] - x);
  const angle = isConstrained ? Math.round(turn / TURN_STEP) * TURN_STEP : turn;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
}

/** Never zero: a mark without a size could not be found again. */
function ratio(now: number, before: number): number {
  const value = Math.abs(before) < LEAST_SCALE ? 1 : now / before;
  return Math.abs(value) < LEAST_SCALE ? LEAST_SCALE : value;
}
