/** Ways to save or to open something; the first ones need a picture. */
export const PICTURE_COMMANDS = ['copyPicture', 'savePicture', 'saveSketch', 'saveBoth', 'export'] as const;
export const DRAWING_COMMANDS = ['saveDrawing', 'openDrawing'] as const;
export type SaveCommand = (typeof PICTURE_COMMANDS)[number] | (typeof DRAWING_COMMANDS)[number];
