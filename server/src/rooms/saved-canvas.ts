import type { CanvasOptions } from '../canvas/canvas.js';
import type { SavedCanvas } from '../canvas/frames.js';
import { restoredParams } from '../session/restored-canvas.js';
import type { RoomRecord } from './stores/room-store.js';

const NO_TIMING = Object.freeze({ decodeMs: 0, inferMs: 0, encodeMs: 0 });

/** The canvas of a saved room. */
export function savedCanvas({ params, image }: RoomRecord, options: CanvasOptions): SavedCanvas {
  const rendered = image && { ...image, timing: NO_TIMING, fingerprint: undefined };
  return { params: restoredParams(params, options), rendered };
}
