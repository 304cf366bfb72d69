import { applyParams, type Params } from '@underpaint/shared';
import type { CanvasOptions } from '../canvas/canvas.js';
import type { SavedCanvas } from '../canvas/frames.js';
import type { RoomRecord } from './stores/room-store.js';

const NO_TIMING = Object.freeze({ decodeMs: 0, inferMs: 0, encodeMs: 0 });

/** The canvas of a saved room. */
export function savedCanvas({ params, image }: RoomRecord, options: CanvasOptions): SavedCanvas {
  const rendered = image && { ...image, timing: NO_TIMING, fingerprint: undefined };
  return { params: servedParams(params, options), rendered };
}

/** Falls back to those of a new room when this server does not accept the saved ones any more. */
function servedParams(saved: object, { initialParams, ranges }: CanvasOptions): Params {
  try {
    return applyParams(initialParams, saved, ranges);
  } catch {
    return initialParams;
  }
}
