import { STUDIO_STRINGS } from './studio.js';

/** The texts of the dialogues that a studio loads later, beside those of the studio. */
export const EXTRA_STRINGS = {
  ...STUDIO_STRINGS,
  snapshots: 'Pictures so far',
  snapshotOf: ({ prompt, strength, steps, seed }: { prompt: string; strength: string; steps: number; seed: number }) =>
    `${prompt || 'no words'}, strength ${strength}, ${steps} steps, seed ${seed}`,
  saveAll: 'Download all as one file',
  goBack: 'Go back to this',
  keepPicture: 'Keep',
  deletePicture: 'Delete',
  newer: 'Newer picture',
  older: 'Older picture',
  newDrawing: 'New drawing',
  goOnWith: 'Open',
  deleteDrawing: 'Delete',
  isOpenHere: 'open here',
  noWords: 'no words',
  /** Keys with what they do, of actions that have no button. */
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
  ] as readonly (readonly [keys: string, words: string])[],
  smaller: 'Smaller brush',
  larger: 'Larger brush',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  nextView: 'Next view',
};

export type ExtraStrings = Readonly<typeof EXTRA_STRINGS>;
