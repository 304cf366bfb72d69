export * from './stream.js';
export { UnderpaintControls } from './components/underpaint-controls/underpaint-controls.js';
export { UnderpaintSketch } from './components/underpaint-sketch/underpaint-sketch.js';
export { UnderpaintStatus } from './components/underpaint-status/underpaint-status.js';
export { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
export { UnderpaintView } from './components/underpaint-view/underpaint-view.js';
export { UnderpaintWebcam } from './components/underpaint-webcam/underpaint-webcam.js';
export type { Strings, Translation } from './components/strings/strings.js';
export type { Person, Room } from './room/room.js';
