import { defineElements } from './components/define-elements.js';
import { UnderpaintWebcam } from './components/underpaint-webcam/underpaint-webcam.js';
import { UnderpaintViewbar } from './components/underpaint-viewbar/underpaint-viewbar.js';
import { UnderpaintBrush } from './components/underpaint-brush/underpaint-brush.js';
import { UnderpaintControls } from './components/underpaint-controls/underpaint-controls.js';
import { UnderpaintSketch } from './components/underpaint-sketch/underpaint-sketch.js';
import { UnderpaintStatus } from './components/underpaint-status/underpaint-status.js';
import { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import { UnderpaintToolbar } from './components/underpaint-toolbar/underpaint-toolbar.js';
import { UnderpaintView } from './components/underpaint-view/underpaint-view.js';

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
export const ELEMENTS = {
  'underpaint-toolbar': UnderpaintToolbar,
  'underpaint-brush': UnderpaintBrush,
  'underpaint-viewbar': UnderpaintViewbar,
  'underpaint-webcam': UnderpaintWebcam,
  'underpaint-sketch': UnderpaintSketch,
  'underpaint-view': UnderpaintView,
  'underpaint-controls': UnderpaintControls,
  'underpaint-status': UnderpaintStatus,
  'underpaint-studio': UnderpaintStudio,
} as const;

defineElements(ELEMENTS);
