import { STUDIO_STRINGS } from './studio.js';

/** The texts of tools that are loaded when they are used, beside those of the studio. */
export const HAND_STRINGS = {
  ...STUDIO_STRINGS,
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
  selected: (count: number) => (count === 1 ? '1 object selected' : `${count} objects selected`),
  toFront: 'To the front',
  forward: 'Forward',
  backward: 'Backward',
  toBack: 'To the back',
  duplicate: 'Duplicate',
  remove: 'Delete',
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
  aboutIdeas: 'Each brings words, a sketch and settings. Undo brings yours back.',
};

export type HandStrings = Readonly<typeof HAND_STRINGS>;
