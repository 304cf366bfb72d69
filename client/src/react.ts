'use client';

import { createComponent, type EventName } from '@lit/react';
import * as React from 'react';
import { UnderpaintControls } from './components/underpaint-controls/underpaint-controls.js';
import { UnderpaintSketch } from './components/underpaint-sketch/underpaint-sketch.js';
import { UnderpaintStatus } from './components/underpaint-status/underpaint-status.js';
import { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import { UnderpaintView } from './components/underpaint-view/underpaint-view.js';
import { UnderpaintWebcam } from './components/underpaint-webcam/underpaint-webcam.js';
import type { ParamsPatch } from '@underpaint/shared';
import type { ToolSettings } from './drawing/marks.js';
import './define.js';

/** `<underpaint-studio>` */
export const Studio = createComponent({
  react: React,
  tagName: 'underpaint-studio',
  elementClass: UnderpaintStudio,
  displayName: 'UnderpaintStudio',
  events: { onPicture: 'up-picture' as EventName<CustomEvent<void>> },
});

/** `<underpaint-sketch>` */
export const Sketch = createComponent({
  react: React,
  tagName: 'underpaint-sketch',
  elementClass: UnderpaintSketch,
  displayName: 'UnderpaintSketch',
  events: {
    onSketch: 'up-sketch' as EventName<CustomEvent<void>>,
    onTool: 'up-tool' as EventName<CustomEvent<Partial<ToolSettings>>>,
    onViewport: 'up-viewport' as EventName<CustomEvent<void>>,
    onNotice: 'up-notice' as EventName<CustomEvent<string>>,
  },
});

/** `<underpaint-webcam>` */
export const Webcam = createComponent({
  react: React,
  tagName: 'underpaint-webcam',
  elementClass: UnderpaintWebcam,
  displayName: 'UnderpaintWebcam',
});

/** `<underpaint-view>` */
export const View = createComponent({
  react: React,
  tagName: 'underpaint-view',
  elementClass: UnderpaintView,
  displayName: 'UnderpaintView',
  events: { onPicture: 'up-picture' as EventName<CustomEvent<void>> },
});

/** `<underpaint-controls>` */
export const Controls = createComponent({
  react: React,
  tagName: 'underpaint-controls',
  elementClass: UnderpaintControls,
  displayName: 'UnderpaintControls',
  events: { onParams: 'up-params' as EventName<CustomEvent<ParamsPatch>> },
});

/** `<underpaint-status>` */
export const Status = createComponent({
  react: React,
  tagName: 'underpaint-status',
  elementClass: UnderpaintStatus,
  displayName: 'UnderpaintStatus',
});
