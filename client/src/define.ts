import { STUDIO_ELEMENTS } from './components/studio-elements.js';
import type { UnderpaintBrush } from './components/underpaint-brush/underpaint-brush.js';
import type { UnderpaintControls } from './components/underpaint-controls/underpaint-controls.js';
import type { UnderpaintSketch } from './components/underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintStatus } from './components/underpaint-status/underpaint-status.js';
import type { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import type { UnderpaintToolbar } from './components/underpaint-toolbar/underpaint-toolbar.js';
import type { UnderpaintView } from './components/underpaint-view/underpaint-view.js';
import type { UnderpaintViewbar } from './components/underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintWebcam } from './components/underpaint-webcam/underpaint-webcam.js';
import { WEBCAM_ELEMENTS } from './components/webcam.js';

// Importing this module also imports the types of the tags.
export type {
  UnderpaintWebcam,
  UnderpaintViewbar,
  UnderpaintBrush,
  UnderpaintControls,
  UnderpaintSketch,
  UnderpaintStatus,
  UnderpaintStudio,
  UnderpaintToolbar,
  UnderpaintView,
};

/** The tags with their classes, apart from those that a studio loads when it needs them. */
export const ELEMENTS = { ...STUDIO_ELEMENTS, ...WEBCAM_ELEMENTS } as const;
