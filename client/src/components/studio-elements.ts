import { defineElements } from './define-elements.js';
import { UnderpaintBrush } from './underpaint-brush/underpaint-brush.js';
import { UnderpaintControls } from './underpaint-controls/underpaint-controls.js';
import { UnderpaintSketch } from './underpaint-sketch/underpaint-sketch.js';
import { UnderpaintStatus } from './underpaint-status/underpaint-status.js';
import { UnderpaintStudio } from './underpaint-studio/underpaint-studio.js';
import { UnderpaintToolbar } from './underpaint-toolbar/underpaint-toolbar.js';
import { UnderpaintView } from './underpaint-view/underpaint-view.js';
import { UnderpaintViewbar } from './underpaint-viewbar/underpaint-viewbar.js';

/*
 * The elements that a studio needs from the beginning.
 */

/** Their tags, with their classes. */
export const STUDIO_ELEMENTS = {
  'underpaint-toolbar': UnderpaintToolbar,
  'underpaint-brush': UnderpaintBrush,
  'underpaint-viewbar': UnderpaintViewbar,
  'underpaint-sketch': UnderpaintSketch,
  'underpaint-view': UnderpaintView,
  'underpaint-controls': UnderpaintControls,
  'underpaint-status': UnderpaintStatus,
  'underpaint-studio': UnderpaintStudio,
} as const;

defineElements(STUDIO_ELEMENTS);
