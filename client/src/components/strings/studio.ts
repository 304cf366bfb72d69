import type { ErrorCode } from '@underpaint/shared';
import type { ColourLook } from '../../drawing/colour-look.js';

/** The texts that a studio has from the beginning, in English. */
export const STUDIO_STRINGS = {
  sketch: 'Your sketch',
  picture: 'The picture of your sketch',
  pictureEmpty: 'Draw, and the picture appears here.',
  isBehind: 'The picture is older than the sketch.',
  pictureFlagged: 'Blurred by the safety check of the model.',
  tools: 'Drawing tools',
  colours: 'Colours',
  /** The name of a colour. */
  colour: ({ name, shade, isGreyish }: ColourLook) =>
    [shade, isGreyish === true && 'greyish', name].filter(Boolean).join(' '),
  currentColour: (name: string, color: string) => `Colour: ${name}, ${color}`,
  recentColour: (name: string) => `${name}, used before`,
  layers: 'Layers',
  select: 'Select and move',
  stroke: 'Pen',
  eraser: 'Eraser',
  area: 'Filled outline',
  line: 'Line',
  rectangle: 'Rectangle',
  ellipse: 'Ellipse',
  fill: 'Fill',
  pick: 'Pick a colour',
  pan: 'Move the view',
  undo: 'Undo',
  redo: 'Redo',
  clear: 'Clear the sketch',
  size: 'Size',
  sketchpad: 'sketchpad',
  badPicture: 'That picture could not be read.',
  opacity: 'Opacity',
  smoothing: 'Smoothing',
  background: 'Picture behind the sketch',
  removeBackground: 'Remove the picture',
  resetView: 'Show the whole sketch',
  views: 'Views and actions',
  view: {
    side: 'Side by side',
    overlay: 'Picture over the sketch',
    split: 'Split at a line',
    result: 'Picture alone',
  },
  blend: 'Share of the picture',
  fullscreen: 'Full screen',
  freeze: 'Hold: send nothing',
  snapshot: 'Keep this picture',
  tooManyPictures: 'You have kept 300 pictures, the most there can be. Delete some first.',
  isGone: 'It was deleted in another tab.',
  notLoaded: 'This part of the page could not be loaded. Reload the page.',
  drawings: 'Drawings',
  reuse: 'Use the picture as sketch',
  save: 'Save',
  savePicture: 'Picture',
  saveSketch: 'Sketch',
  saveBoth: 'Both side by side',
  copyPicture: 'Copy the picture',
  export: 'Export',
  saveDrawing: 'Save the drawing as a file',
  openDrawing: 'Open a drawing',
  badDrawing: 'That file is not a drawing of underpaint, or of a later version.',
  saveFailed: 'That could not be saved. The browser may not support it.',
  input: 'Source of the picture',
  inputs: { sketch: 'Sketch', webcam: 'Camera' },
  keys: 'Keys',
  close: 'Close',
  frozen: 'On hold',
  lockSeed: 'Keep the seed when the words change',
  preview: 'Early preview',
  prompt: 'What is it?',
  promptHint: 'Describe your sketch',
  ideas: 'Ideas',
  strength: 'Strength',
  strengthWords: ['close to the sketch', 'follows the sketch', 'balanced', 'takes liberties', 'mostly imagined'],
  /** For models that also take the sketch as a control. */
  strengthWordsWithControl: ['your colours', 'mostly yours', 'balanced', 'mostly new', 'painted afresh'],
  control: 'Follow the sketch',
  controlWords: ['loosely', 'roughly', 'closely'],
  resetHint: 'Double-click for the usual value',
  unknownWords: (words: readonly string[]) => `Not known to this model: ${words.join(', ')}`,
  steps: 'Steps',
  guidance: 'Guidance',
  negativePrompt: 'What to leave out',
  seed: 'Seed',
  newSeed: 'New seed',
  status: 'Connection',
  connecting: 'Connecting',
  waiting: (position: number) => `In line: ${position}`,
  live: 'Live',
  reconnecting: (seconds: number) => (seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting'),
  offline: 'Offline',
  ended: (code: number) => endedInWords(code),
  /** For every code of the server. */
  failures: {
    'bad-image': 'The server could not read this picture. Try another one.',
    'image-too-large': 'This picture is too large for the server. Try a smaller one.',
    'prompt-refused': 'This server does not paint these words. The picture stays as it was.',
    'bad-params': 'The server does not take this setting. It is as it was before.',
    'worker-failed': 'The server could not paint this picture. It tries again.',
    forbidden: 'You may not do this in this room.',
    'drawing-full': 'The drawing of this room has reached its limit. Your last change was dropped.',
  } satisfies Record<ErrorCode, string>,
  retry: 'Try now',
  framesPerSecond: (rate: string) => `${rate} fps`,
  latency: (ms: string) => `${ms} ms`,
  share: 'Draw together',
  roomFailed: 'The room could not be opened. Reload the page.',
  readOut: 'Speed',
  figures: {
    rate: 'Pictures a second',
    median: 'Pen to picture, median',
    p90: 'Pen to picture, 90th percentile',
    server: 'Time on the server',
    dropped: 'Frames skipped for newer ones',
  },
};

export type StudioStrings = Readonly<typeof STUDIO_STRINGS>;

function endedInWords(code: number): string {
  switch (code) {
    case 0:
      return 'The server address is not valid';
    case 1:
      return 'The browser blocks the local network. Allow it in its settings for this site';
    case 4003:
      return 'Not allowed on this server';
    case 4004:
      return 'There is no such room';
    case 4005:
      return 'This site is not allowed on the server';
    case 4006:
      return 'Removed from the room';
    case 4007:
      return 'Nobody new can enter this room';
    case 4009:
      return 'Continued in another tab';
    case 1008:
      return 'Rejected by the server';
    case 4000:
      return 'This page does not fit the server. Reload it';
    default:
      return 'The server has ended the connection';
  }
}
