'use client';

import { UnderpaintControls } from './components/underpaint-controls/underpaint-controls.js';
import { UnderpaintSketch } from './components/underpaint-sketch/underpaint-sketch.js';
import { UnderpaintStatus } from './components/underpaint-status/underpaint-status.js';
import { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import { UnderpaintView } from './components/underpaint-view/underpaint-view.js';
import { UnderpaintWebcam } from './components/underpaint-webcam/underpaint-webcam.js';
import { component } from './react-component.js';
import './define.js';

/** `<underpaint-studio>` */
export const Studio = component(UnderpaintStudio, {
  tag: 'underpaint-studio',
  name: 'UnderpaintStudio',
  events: {
    onStatus: 'up-status',
    onError: 'up-error',
    onParams: 'up-params',
    onView: 'up-view',
    onInput: 'up-input',
    onRoom: 'up-room',
    onShare: 'up-share',
    onNotice: 'up-notice',
    onPicture: 'up-picture',
    onDrawing: 'up-drawing',
  },
});

/** `<underpaint-sketch>` */
export const Sketch = component(UnderpaintSketch, {
  tag: 'underpaint-sketch',
  name: 'UnderpaintSketch',
  events: { onSketch: 'up-sketch', onTool: 'up-tool', onViewport: 'up-viewport', onNotice: 'up-notice' },
});

/** `<underpaint-webcam>` */
export const Webcam = component(UnderpaintWebcam, {
  tag: 'underpaint-webcam',
  name: 'UnderpaintWebcam',
  events: { onFacing: 'up-facing' },
});

/** `<underpaint-view>` */
export const View = component(UnderpaintView, {
  tag: 'underpaint-view',
  name: 'UnderpaintView',
  events: { onPicture: 'up-picture' },
});

/** `<underpaint-controls>` */
export const Controls = component(UnderpaintControls, {
  tag: 'underpaint-controls',
  name: 'UnderpaintControls',
  events: { onParams: 'up-params' },
});

/** `<underpaint-status>` */
export const Status = component(UnderpaintStatus, { tag: 'underpaint-status', name: 'UnderpaintStatus', events: {} });
