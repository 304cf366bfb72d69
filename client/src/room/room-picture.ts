import { createContext, toBlob } from '../canvas.js';

/** The largest picture in a shared drawing: every new member downloads it. */
export const MAX_PICTURE_BYTES = 192 * 1024;
/** The width of a sketch's raster. More pixels would not be visible. */
const MAX_SIDE = 768;
const HOLES_SIDE = 64;
const QUALITIES = [0.86, 0.75, 0.6, 0.4];

/**
 * Encodes a picture as a JPEG, or as WebP if it is transparent anywhere, of at most `MAX_PICTURE_BYTES`.
 *
 * @throws DOMException if the blob is not a picture
 */
export async function toRoomPicture(picture: Blob): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(picture);
  try {
    return await asSmallFile(bitmap);
  } finally {
    bitmap.close();
  }
}

async function asSmallFile(bitmap: ImageBitmap): Promise<Uint8Array> {
  const isOpaque = !hasHoles(bitmap);
  // Browsers that cannot write WebP write PNG instead.
  const type = isOpaque ? 'image/jpeg' : 'image/webp';
  for (let side = MAX_SIDE; ; side /= 2) {
    const scale = Math.min(1, side / Math.min(bitmap.width, bitmap.height));
    const size = [bitmap.width, bitmap.height].map((each) => Math.ceil(each * scale)) as [number, number];
    const context = createContext(...size);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, ...size);
    for (const quality of QUALITIES) {
      const file = await toBlob(context.canvas, type, quality);
      if (file.size <= MAX_PICTURE_BYTES) return new Uint8Array(await file.arrayBuffer());
    }
  }
}

/** Whether a picture is transparent anywhere, as far as 64 x 64 samples tell. */
function hasHoles(bitmap: ImageBitmap): boolean {
  const context = createContext(HOLES_SIDE, HOLES_SIDE, { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, HOLES_SIDE, HOLES_SIDE);
  const { data } = context.getImageData(0, 0, HOLES_SIDE, HOLES_SIDE);
  return data.some((level, index) => index % 4 === 3 && level < 250);
}
