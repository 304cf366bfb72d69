import { createContext, toBlob } from '../canvas.js';

/** The largest picture in a shared drawing: every new member downloads it. */
export const MAX_PICTURE_BYTES = 192 * 1024;
/** The width of a sketch's raster. More pixels would not be visible. */
const MAX_SIDE = 768;
const QUALITIES = [0.86, 0.75, 0.6, 0.4];

/**
 * Encodes a picture on white as a JPEG of at most `MAX_PICTURE_BYTES`.
 *
 * @throws DOMException if the blob is not a picture
 */
export async function toRoomPicture(picture: Blob): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(picture);
  try {
    return await asSmallJpeg(bitmap);
  } finally {
    bitmap.close();
  }
}

async function asSmallJpeg(bitmap: ImageBitmap): Promise<Uint8Array> {
  for (let side = MAX_SIDE; ; side /= 2) {
    const scale = Math.min(1, side / Math.min(bitmap.width, bitmap.height));
    const size = [bitmap.width, bitmap.height].map((each) => Math.ceil(each * scale)) as [number, number];
    const context = createContext(...size, { alpha: false });
    const { canvas } = context;
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const jpeg = await toBlob(canvas, 'image/jpeg', quality);
      if (jpeg.size <= MAX_PICTURE_BYTES) return new Uint8Array(await jpeg.arrayBuffer());
    }
  }
}
