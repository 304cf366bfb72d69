import { defineElements } from './define-elements.js';
import type { LiftedPainter } from '../drawing/lifted-painter.js';
import { LiftedInk } from '../drawing/lifted-ink.js';
import type { PaintAids } from '../drawing/paint-mark.js';
import { MarkSelectTool } from './select-tool.js';
import { UnderpaintExport } from './underpaint-export/underpaint-export.js';
import { UnderpaintIdeas } from './underpaint-ideas/underpaint-ideas.js';
import { UnderpaintLayers } from './underpaint-layers/underpaint-layers.js';

/*
 * The code of tools that many people never use. It is loaded when one of them is used first.
 */
export { openFile, runSave } from './save-commands.js';
export { saveTargetOf } from './underpaint-studio/save-target.js';

export function createSelectTool(sheet: ConstructorParameters<typeof MarkSelectTool>[0]): MarkSelectTool {
  return new MarkSelectTool(sheet);
}

export function createLiftedPainter(aids: PaintAids): LiftedPainter {
  return new LiftedInk(aids);
}

/** The tags of these tools, with their classes. */
export const HAND_ELEMENTS = {
  'underpaint-export': UnderpaintExport,
  'underpaint-ideas': UnderpaintIdeas,
  'underpaint-layers': UnderpaintLayers,
} as const;

defineElements(HAND_ELEMENTS);
