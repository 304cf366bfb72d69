import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULTS } from '../../config/config.js';
import { decodeImage, encodeJpeg } from '../../inference/worker/image.js';

const SIZE = { width: 256, height: 256 };

/** The sketches of the embedded model as JPEGs, like the frames of a client. */
export async function readExampleFrames(): Promise<Uint8Array[]> {
  const folder = join(DEFAULTS.model, 'examples');
  const files = (await readdir(folder)).filter((file) => file.startsWith('sketch-'));
  return Promise.all(
    files.map(async (file) => {
      const pixels = await decodeImage(await readFile(join(folder, file)), { ...SIZE, maxPixels: 1e6 });
      return encodeJpeg(pixels, { ...SIZE, quality: 90 });
    }),
  );
}
