import { getStroke } from 'perfect-freehand';
import type { StrokeMark } from './marks.js';

/**
 * The outline of a stroke, as a closed path in sketch units.
 *
 * @param finished false while the pen is down: the end stays open for more points
 */
export function strokeOutline(mark: StrokeMark, finished: boolean): Path2D {
  const outline = getStroke(mark.points as [number, number, number][], {
    size: mark.size,
    thinning: mark.kind === 'eraser' ? 0 : 0.5,
    smoothing: mark.smoothing,
    streamline: mark.smoothing * 0.8,
    simulatePressure: !mark.pressure && mark.kind === 'stroke',
    last: finished,
  });
  const path = new Path2D();
  const first = outline[0];
  if (first === undefined) return path;
  path.moveTo(first[0]!, first[1]!);
  // Quadratic curves through the middles of the outline's edges: no corners.
  for (let i = 0; i < outline.length; i++) {
    const [x, y] = outline[i]! as [number, number];
    const [nextX, nextY] = outline[(i + 1) % outline.length]! as [number, number];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  path.closePath();
  return path;
}
