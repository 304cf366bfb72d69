import type { ErrorCode } from '@underpaint/shared';

/** All texts of the elements. Set the `strings` property of an element to replace some. */
export interface Strings {
  readonly sketch: string;
  readonly picture: string;
  readonly pictureEmpty: string;
  readonly pictureFlagged: string;
  readonly isBehind: string;
  readonly tools: string;
  readonly colours: string;
  readonly currentColour: (name: string, color: string) => string;
  readonly recentColour: (name: string) => string;
  readonly layers: string;
  readonly layer: (number: number) => string;
  readonly layerName: string;
  readonly layerNew: string;
  readonly layerShown: (name: string) => string;
  readonly layerUp: string;
  readonly layerDown: string;
  readonly layerMerge: string;
  readonly layerRemove: string;
  readonly paper: string;
  readonly papers: Readonly<Record<'model' | 'white' | 'transparent' | 'colour', string>>;
  readonly brush: string;
  readonly select: string;
  readonly selected: (count: number) => string;
  readonly toFront: string;
  readonly forward: string;
  readonly backward: string;
  readonly toBack: string;
  readonly duplicate: string;
  readonly remove: string;
  readonly stroke: string;
  readonly eraser: string;
  readonly area: string;
  readonly line: string;
  readonly rectangle: string;
  readonly ellipse: string;
  readonly fill: string;
  readonly pick: string;
  readonly pan: string;
  readonly undo: string;
  readonly redo: string;
  readonly clear: string;
  readonly size: string;
  readonly sketchpad: string;
  readonly badPicture: string;
  readonly opacity: string;
  readonly smoothing: string;
  readonly background: string;
  readonly removeBackground: string;
  readonly smaller: string;
  readonly larger: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly resetView: string;
  readonly views: string;
  readonly view: { readonly side: string; readonly overlay: string; readonly split: string; readonly result: string };
  readonly nextView: string;
  readonly blend: string;
  readonly fullscreen: string;
  readonly freeze: string;
  readonly snapshot: string;
  readonly snapshots: string;
  readonly snapshotOf: (of: { prompt: string; strength: string; steps: number; seed: number }) => string;
  readonly saveAll: string;
  readonly goBack: string;
  readonly keepPicture: string;
  readonly deletePicture: string;
  readonly newer: string;
  readonly older: string;
  readonly tooManyPictures: string;
  readonly isGone: string;
  readonly notLoaded: string;
  readonly drawings: string;
  readonly newDrawing: string;
  readonly goOnWith: string;
  readonly deleteDrawing: string;
  readonly isOpenHere: string;
  readonly noWords: string;
  readonly reuse: string;
  readonly save: string;
  readonly savePicture: string;
  readonly saveSketch: string;
  readonly saveBoth: string;
  readonly copyPicture: string;
  readonly export: string;
  readonly saveDrawing: string;
  readonly openDrawing: string;
  readonly badDrawing: string;
  readonly saveFailed: string;
  readonly exports: Readonly<
    Record<'part' | 'format' | 'scale' | 'picture' | 'sketch' | 'both' | 'png' | 'jpeg' | 'webp' | 1 | 2 | 4, string>
  >;
  readonly input: string;
  readonly inputs: { readonly sketch: string; readonly webcam: string };
  readonly camera: string;
  readonly screen: string;
  readonly file: string;
  readonly stop: string;
  readonly turn: string;
  readonly cameraSources: string;
  readonly cameraInvitation: string;
  readonly cameraStarting: string;
  readonly cameraPaused: string;
  readonly cameraFailure: Readonly<
    Record<'insecure' | 'denied' | 'missing' | 'busy' | 'unsupported' | 'unreadable', string>
  >;
  /** @param permission what the site must allow: `camera` or `display-capture` */
  readonly cameraBlocked: (permission: string) => string;
  readonly keys: string;
  readonly close: string;
  readonly drawingKeys: readonly (readonly [key: string, words: string])[];
  readonly frozen: string;
  readonly lockSeed: string;
  readonly preview: string;
  readonly prompt: string;
  readonly promptHint: string;
  readonly ideas: string;
  readonly aboutIdeas: string;
  readonly strength: string;
  readonly strengthWords: readonly string[];
  /** For models that also take the sketch as a control. */
  readonly strengthWordsWithControl: readonly string[];
  readonly control: string;
  readonly controlWords: readonly string[];
  readonly resetHint: string;
  readonly unknownWords: (words: readonly string[]) => string;
  readonly steps: string;
  readonly guidance: string;
  readonly negativePrompt: string;
  readonly seed: string;
  readonly newSeed: string;
  readonly status: string;
  readonly connecting: string;
  readonly waiting: (position: number) => string;
  readonly live: string;
  readonly reconnecting: (seconds: number) => string;
  readonly offline: string;
  readonly ended: (code: number) => string;
  /** For every code of the server. */
  readonly failures: Readonly<Record<ErrorCode, string>>;
  readonly retry: string;
  readonly framesPerSecond: (rate: string) => string;
  readonly latency: (ms: string) => string;
  readonly readOut: string;
  readonly share: string;
  /** The name of a person who has none. */
  readonly somebody: string;
  readonly guests: readonly string[];
  readonly people: (count: number) => string;
  readonly yourName: string;
  readonly roles: Readonly<Record<'owner' | 'editor' | 'viewer', string>>;
  readonly isDrawing: string;
  readonly presents: string;
  readonly hand: string;
  readonly handTo: (name: string) => string;
  readonly handedToYou: string;
  readonly lockRoom: string;
  readonly isLocked: string;
  readonly closeRoom: string;
  readonly isClosed: string;
  readonly actionsFor: (name: string) => string;
  readonly undoNewest: string;
  readonly undoAll: (count: number) => string;
  readonly removePerson: string;
  readonly removeHint: string;
  readonly hasLeft: string;
  readonly isNotSaved: string;
  readonly youWatch: string;
  readonly cameraOf: (name: string) => string;
  readonly showsCamera: (name: string) => string;
  readonly follow: string;
  readonly invitations: Readonly<
    Record<
      'edit' | 'view',
      { readonly title: string; readonly link: string; readonly code: string; readonly copy: string }
    >
  >;
  readonly copied: string;
  readonly leave: string;
  readonly youLeft: string;
  readonly youLeftLocked: string;
  readonly roomLost: string;
  readonly youWereRemoved: string;
  readonly roomClosed: string;
  readonly makeRoom: string;
  readonly joined: (names: readonly string[]) => string;
  readonly left: (names: readonly string[]) => string;
  readonly changedWords: (name: string) => string;
  readonly roomFailed: string;
  readonly figures: Readonly<Record<'rate' | 'median' | 'p90' | 'server' | 'dropped', string>>;
}

export const DEFAULT_STRINGS = Object.freeze<Strings>({
  sketch: 'Your sketch',
  picture: 'The picture of your sketch',
  pictureEmpty: 'Draw, and the picture appears here.',
  isBehind: 'The picture is older than the sketch.',
  pictureFlagged: 'Blurred by the safety check of the model.',
  tools: 'Drawing tools',
  colours: 'Colours',
  currentColour: (name: string, color: string) => `Colour: ${name}, ${color}`,
  recentColour: (name: string) => `${name}, used before`,
  layers: 'Layers',
  layer: (number: number) => `Layer ${number}`,
  layerName: 'Name of the layer',
  layerNew: 'New layer',
  layerShown: (name: string) => `Show ${name}`,
  layerUp: 'Layer up',
  layerDown: 'Layer down',
  layerMerge: 'Merge down',
  layerRemove: 'Delete the layer',
  paper: 'Paper',
  papers: { model: 'Of the model', white: 'White', transparent: 'Transparent', colour: 'A colour' },
  brush: 'Brush',
  select: 'Select and move',
  selected: (count: number) => (count === 1 ? '1 object selected' : `${count} objects selected`),
  toFront: 'To the front',
  forward: 'Forward',
  backward: 'Backward',
  toBack: 'To the back',
  duplicate: 'Duplicate',
  remove: 'Delete',
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
  smaller: 'Smaller brush',
  larger: 'Larger brush',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  resetView: 'Show the whole sketch',
  views: 'Views and actions',
  view: {
    side: 'Side by side',
    overlay: 'Picture over the sketch',
    split: 'Split at a line',
    result: 'Picture alone',
  },
  nextView: 'Next view',
  blend: 'Share of the picture',
  fullscreen: 'Full screen',
  freeze: 'Hold: send nothing',
  snapshot: 'Keep this picture',
  snapshots: 'Pictures so far',
  snapshotOf: ({ prompt, strength, steps, seed }: { prompt: string; strength: string; steps: number; seed: number }) =>
    `${prompt || 'no words'}, strength ${strength}, ${steps} steps, seed ${seed}`,
  saveAll: 'Download all as one file',
  goBack: 'Go back to this',
  keepPicture: 'Keep',
  deletePicture: 'Delete',
  newer: 'Newer picture',
  older: 'Older picture',
  tooManyPictures: 'You have kept 300 pictures, the most there can be. Delete some first.',
  isGone: 'It was deleted in another tab.',
  notLoaded: 'This part of the page could not be loaded. Reload the page.',
  drawings: 'Drawings',
  newDrawing: 'New drawing',
  goOnWith: 'Open',
  deleteDrawing: 'Delete',
  isOpenHere: 'open here',
  noWords: 'no words',
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
  exports: {
    part: 'What',
    format: 'Format',
    scale: 'Size',
    picture: 'Picture',
    sketch: 'Sketch',
    both: 'Both side by side',
    png: 'PNG',
    jpeg: 'JPEG',
    webp: 'WebP',
    1: '1x',
    2: '2x',
    4: '4x',
  },
  input: 'Source of the picture',
  inputs: { sketch: 'Sketch', webcam: 'Camera' },
  camera: 'Camera',
  screen: 'Screen',
  file: 'Film from a file',
  stop: 'Stop',
  turn: 'Other camera',
  cameraSources: 'Where the video comes from',
  cameraInvitation: 'Start the camera, share a screen or open a film.',
  cameraStarting: 'Waiting for the camera',
  cameraPaused: 'The system has paused the camera. Close other programs that use it, or start it again.',
  cameraFailure: {
    insecure: 'Browsers do not allow the camera on pages over plain http. Open this page over https or on localhost.',
    denied: "This page may not use the camera. Allow it in the browser's address bar, then start again.",
    missing: 'No camera was found.',
    busy: 'Another program is using the camera.',
    unsupported: 'This browser does not support it.',
    unreadable: 'That file cannot be played.',
  },
  cameraBlocked: (permission) =>
    `The site does not allow this here. Its owner must add allow="${permission}" to the <iframe>, and its Permissions-Policy must not forbid it.`,
  keys: 'Keys',
  close: 'Close',
  drawingKeys: [
    ['Tab', 'Next group; arrow keys move within a group'],
    ['Arrows', 'On the sketch: move the cross'],
    ['Space', 'On the sketch: pen down, pen up; held: drag the view'],
    ['Shift', 'Held: squares, circles, straight lines'],
    ['Alt', 'Held: pick a colour'],
    ['Esc', 'From the words to the sketch'],
    ['Arrows, Del', 'Selected objects: move, delete'],
    ['Ctrl A, Ctrl D', 'Select all, duplicate'],
    ['Ctrl [, Ctrl ]', 'Selected objects: backward, forward; with Shift to the end'],
    ['2 fingers', 'Tap: undo; with 3 fingers: redo'],
    ['1 finger', 'Rest: pick a colour'],
  ],
  frozen: 'On hold',
  lockSeed: 'Keep the seed when the words change',
  preview: 'Early preview',
  prompt: 'What is it?',
  promptHint: 'Describe your sketch',
  ideas: 'Ideas',
  aboutIdeas: 'Each brings words, a sketch and settings. Undo brings yours back.',
  strength: 'Strength',
  strengthWords: ['close to the sketch', 'follows the sketch', 'balanced', 'takes liberties', 'mostly imagined'],
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
  failures: {
    'bad-image': 'The server could not read this picture. Try another one.',
    'image-too-large': 'This picture is too large for the server. Try a smaller one.',
    'bad-params': 'The server does not take this setting. It is as it was before.',
    'worker-failed': 'The server could not paint this picture. It tries again.',
    forbidden: 'You may not do this in this room.',
    'drawing-full': 'The drawing of this room has reached its limit. Your last change was dropped.',
  },
  retry: 'Try now',
  framesPerSecond: (rate: string) => `${rate} fps`,
  latency: (ms: string) => `${ms} ms`,
  share: 'Draw together',
  somebody: 'Somebody',
  people: (count: number) => (count === 1 ? '1 person here' : `${count} people here`),
  yourName: 'Your name',
  roles: { owner: 'owner', editor: 'may draw', viewer: 'watches' },
  isDrawing: 'is drawing',
  presents: 'shows a camera',
  hand: 'Hand over',
  handTo: (name: string) => `Hand over the camera to ${name}`,
  handedToYou: 'You can show your camera now.',
  lockRoom: 'Lock the sketch: only I can draw',
  isLocked: 'Locked',
  closeRoom: 'Close the room: nobody new can enter',
  isClosed: 'Closed',
  actionsFor: (name: string) => `What you can do about ${name}`,
  undoNewest: 'Undo the newest mark',
  undoAll: (count: number) => `Undo all marks (${count})`,
  removePerson: 'Remove from the room',
  removeHint: 'Nobody new can enter then, until you open the room again.',
  hasLeft: 'has left',
  isNotSaved: 'The server cannot save this room at the moment',
  youWatch: 'Watching',
  cameraOf: (name: string) => `Camera of ${name}`,
  showsCamera: (name: string) => `${name} is showing a camera.`,
  follow: 'Follow the view of the presenter',
  invitations: {
    edit: {
      title: 'Invite to draw',
      link: 'Link to draw together',
      code: 'QR code to draw together',
      copy: 'Copy link',
    },
    view: { title: 'Invite to watch', link: 'Link to watch', code: 'QR code to watch', copy: 'Copy view-only link' },
  },
  copied: 'Copied',
  leave: 'Leave the room',
  youLeft: 'You left, and this drawing is now your own. The room lives on at its link.',
  youLeftLocked: 'You left. The room stays locked: until you return by your own link, nobody can draw in it.',
  roomLost: 'The server has no room at this link. This drawing is your own.',
  youWereRemoved: 'The owner removed you from the room. This drawing is now your own.',
  roomClosed: 'The owner lets nobody new into this room. This drawing is your own.',
  makeRoom: 'Make a new room of this drawing',
  joined: (names: readonly string[]) => `${inWords(names)} joined.`,
  left: (names: readonly string[]) => `${inWords(names)} left.`,
  changedWords: (name: string) => `${name} changed the words.`,
  guests: ['Badger', 'Dormouse', 'Heron', 'Jackdaw', 'Kingfisher', 'Lynx', 'Marten', 'Otter', 'Puffin', 'Swift'],
  roomFailed: 'The room could not be opened. Reload the page.',
  readOut: 'Speed',
  figures: {
    rate: 'Pictures a second',
    median: 'Pen to picture, median',
    p90: 'Pen to picture, 90th percentile',
    server: 'Time on the server',
    dropped: 'Frames skipped for newer ones',
  },
});

function inWords(names: readonly string[]): string {
  return names.length > 3 ? `${names.length} people` : names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

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
