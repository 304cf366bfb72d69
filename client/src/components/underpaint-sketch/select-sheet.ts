import type { SelectSheet } from '../../controllers/select-controller.js';
import type { SketchDrawing } from '../../drawing/drawing.js';
import type { Translation } from '../strings/strings.js';

interface Sketch {
  readonly drawing: SketchDrawing;
  readonly unitHeight: number;
  readonly unitPx: number;
  readonly strings: Translation;
  requestUpdate(): void;
}

/** The sketch as its selection sees it. */
export function selectSheetOf(sketch: Sketch): SelectSheet & { readonly strings: Translation } {
  return {
    get drawing() {
      return sketch.drawing;
    },
    get height() {
      return sketch.unitHeight;
    },
    get unitPx() {
      return sketch.unitPx;
    },
    get strings() {
      return sketch.strings;
    },
    changed: () => sketch.requestUpdate(),
  };
}

/** The code of tools that many people never use. */
export const loadHands = () => import('../hands.js');
