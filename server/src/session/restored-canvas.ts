import { applyParams, type Params } from '@underpaint/shared';
import { Canvas, type CanvasOptions } from '../canvas/canvas.js';

/** Saved parameters; those of a new drawing if this server does not accept them, or there are none. */
export function restoredParams(saved: object, { initialParams, ranges }: CanvasOptions): Params {
  try {
    return applyParams(initialParams, saved, ranges);
  } catch {
    return initialParams;
  }
}

/** A canvas with saved parameters, if there are some. */
export function restoredCanvas(saved: object | undefined, options: CanvasOptions): Canvas {
  return new Canvas(options, saved && { params: restoredParams(saved, options), rendered: undefined });
}
