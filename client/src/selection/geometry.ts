import { SKETCH_WIDTH, type Mark, type Point } from '../drawing/marks.js';
import { IDENTITY, mapPoint, type Matrix } from '../drawing/matrix.js';

/** In sketch units. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const ELLIPSE_POINTS = 24;
const boxes = new WeakMap<Mark, Box>();

/** @param height of the sheet, for pictures that cover it */
export function boundsOf(mark: Mark, height: number): Box {
  const box = boxes.get(mark) ?? measured(mark, height);
  boxes.set(mark, box);
  return box;
}

export function boxAround(found: readonly Box[]): Box | null {
  if (found.length === 0) return null;
  return {
    left: Math.min(...found.map(({ left }) => left)),
    top: Math.min(...found.map(({ top }) => top)),
    right: Math.max(...found.map(({ right }) => right)),
    bottom: Math.max(...found.map(({ bottom }) => bottom)),
  };
}

export function overlap(a: Box, b: Box): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}

export function contains({ left, top, right, bottom }: Box, [x, y]: Point): boolean {
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** Whether a point is on a mark. Erasers and flood fills have no body that a person could point at. */
export function isHit(mark: Mark, at: Point, { height, tolerance }: { height: number; tolerance: number }): boolean {
  const matrix = mark.matrix ?? IDENTITY;
  const point = mapPoint(inverse(matrix), at);
  const near = tolerance / scaleOf(matrix);
  switch (mark.kind) {
    case 'eraser':
    case 'fill':
      return false;
    case 'stroke':
      return distanceTo(mark.points, point) <= mark.size / 2 + near;
    case 'line':
      return distanceTo([mark.from, mark.to], point) <= mark.size / 2 + near;
    case 'area':
      return isInside(mark.points, point) || distanceTo(mark.points, point) <= near;
    case 'ellipse':
      return isInside(outlineOf(mark, height), point) || distanceTo(outlineOf(mark, height), point) <= near;
    case 'rectangle':
    case 'picture':
      return contains(boxOf(outlineOf(mark, height), near), point);
  }
}

/** How much a map enlarges lengths, on average. */
function scaleOf([a, b, c, d]: Matrix): number {
  return Math.sqrt(Math.abs(a * d - b * c)) || 1;
}

function measured(mark: Mark, height: number): Box {
  const matrix = mark.matrix ?? IDENTITY;
  const hasWidth = mark.kind === 'stroke' || mark.kind === 'eraser' || mark.kind === 'line';
  const points = outlineOf(mark, height).map((point) => mapPoint(matrix, point));
  return boxOf(points, hasWidth ? (mark.size / 2) * scaleOf(matrix) : 0);
}

/** Points around a mark, before its matrix. */
function outlineOf(mark: Mark, height: number): readonly Point[] {
  switch (mark.kind) {
    case 'stroke':
    case 'eraser':
      return mark.points.map(([x, y]) => [x, y]);
    case 'area':
      return mark.points;
    case 'line':
      return [mark.from, mark.to];
    case 'rectangle':
      return corners(mark.from, mark.to);
    case 'ellipse':
      return ellipse(mark.from, mark.to);
    case 'fill':
      return [mark.at];
    case 'picture':
      return corners([0, 0], mark.box ?? [SKETCH_WIDTH, height]);
  }
}

function corners([x0, y0]: Point, [x1, y1]: Point): readonly Point[] {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

function ellipse([x0, y0]: Point, [x1, y1]: Point): readonly Point[] {
  return Array.from({ length: ELLIPSE_POINTS }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / ELLIPSE_POINTS;
    return [(x0 + x1 + (x1 - x0) * Math.cos(angle)) / 2, (y0 + y1 + (y1 - y0) * Math.sin(angle)) / 2];
  });
}

function boxOf(points: readonly Point[], margin: number): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin };
}

/** Distance to a line through points. */
function distanceTo(points: readonly (readonly number[])[], [x, y]: Point): number {
  let least = Infinity;
  for (let i = 0; i < points.length; i++) {
    const [x0, y0] = points[Math.max(0, i - 1)] as [number, number];
    const [x1, y1] = points[i] as [number, number];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - x0 - along * dx, y - y0 - along * dy));
  }
  return least;
}

/** By the number of edges to the right of the point. */
function isInside(points: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, last = points.length - 1; i < points.length; last = i++) {
    const [x0, y0] = points[last]!;
    const [x1, y1] = points[i]!;
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) inside = !inside;
  }
  return inside;
}

function inverse([a, b, c, d, e, f]: Matrix): Matrix {
  const area = a * d - b * c || 1e-9;
  return [d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area];
}
