import { createContext, toBlob } from '../canvas.js';

export const EXPORT_PARTS = ['picture', 'sketch', 'both'] as const;
export const EXPORT_FORMATS = ['png', 'jpeg', 'webp'] as const;
export const EXPORT_SCALES = [1, 2, 4] as const;

export interface ExportChoice {
  readonly part: (typeof EXPORT_PARTS)[number];
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly scale: (typeof EXPORT_SCALES)[number];
}

interface ExportSources {
  readonly picture: Blob;
  readonly sketch: () => Promise<Blob>;
}

const QUALITY = 0.95;

/** The picture, its sketch or both side by side, as high as the picture times the scale. JPEG has a white ground. */
export async function exported({ part, format, scale }: ExportChoice, sources: ExportSources): Promise<Blob> {
  const picture = await createImageBitmap(sources.picture);
  const sketch = part === 'picture' ? null : await createImageBitmap(await sources.sketch());
  const parts = [sketch, part === 'sketch' ? null : picture].filter((each) => each !== null);
  const height = picture.height * scale;
  const widths = parts.map((each) => Math.round((each.width * height) / each.height));
  const context = createContext(
    widths.reduce((sum, width) => sum + width, 0),
    height,
  );
  if (format === 'jpeg') {
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, context.canvas.width, height);
  }
  context.imageSmoothingQuality = 'high';
  let left = 0;
  parts.forEach((each, index) => {
    context.drawImage(each, left, 0, widths[index]!, height);
    left += widths[index]!;
  });
  const file = await toBlob(context.canvas, `image/${format}`, QUALITY);
  // Browsers that cannot write a format write PNG instead.
  if (file.type !== `image/${format}`) throw new Error(`this browser cannot write ${format}`);
  return file;
}
