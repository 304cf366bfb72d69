import { createContext, toBlob } from '../canvas.js';

export type SaveCommand = 'savePicture' | 'saveSketch' | 'saveBoth';

/** Downloads the picture, its source, or both side by side. */
export async function save(what: SaveCommand, picture: Blob, source: () => Promise<Blob>): Promise<void> {
  switch (what) {
    case 'savePicture':
      return saveFile(picture, 'underpaint-picture.jpg');
    case 'saveSketch':
      return saveFile(await source(), 'underpaint-sketch.png');
    case 'saveBoth':
      return saveFile(await sideBySide(await source(), picture), 'underpaint.png');
  }
}

function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // By the next task the browser has started to read the blob.
  setTimeout(() => URL.revokeObjectURL(url));
}

/** Two pictures side by side, each as high as the first, as a PNG. */
async function sideBySide(left: Blob, right: Blob): Promise<Blob> {
  const [a, b] = await Promise.all([createImageBitmap(left), createImageBitmap(right)]);
  const rightWidth = Math.round((b.width * a.height) / b.height);
  const context = createContext(a.width + rightWidth, a.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(a, 0, 0);
  context.drawImage(b, a.width, 0, rightWidth, a.height);
  return toBlob(context.canvas);
}
