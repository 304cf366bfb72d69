import { readFile, writeFile } from 'node:fs/promises';
import { FrameError, UsageError } from '../../errors.js';
import { decodeImage, encodeJpeg, encodePng, type EncodeOptions } from '../../inference/worker/image.js';
import type { NoiseSource } from '../../pipeline/noise.js';
import { readNpy } from '../parity/npy.js';

/** Larger than a frame of a live session: a file is scaled to the model's size anyway. */
const MAX_INPUT_PIXELS = 64 * 1024 * 1024;

/** @throws UsageError when the file cannot be read */
export async function readSketch(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`--input ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/**
 * @returns RGB, `height * width * 3` bytes
 * @throws UsageError when it is not a picture
 */
export async function decodeSketch(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  try {
    return await decodeImage(bytes, { width, height, maxPixels: MAX_INPUT_PIXELS });
  } catch (error) {
    if (error instanceof FrameError) throw new UsageError(`--input: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * Reads the noise of each step from an array `[steps, ...latents]`.
 *
 * @throws UsageError when the array is not float32, and from the source when it has too few steps
 * @throws ModelError when the file is not an array
 */
export async function readNoise(path: string): Promise<NoiseSource> {
  const { shape, data } = await readNpy(path);
  if (!(data instanceof Float32Array)) throw new UsageError(`--noise ${path} must hold float32 numbers`);
  const size = data.length / (shape[0] || 1);
  return (index) => {
    const tensor = data.subarray(index * size, (index + 1) * size);
    if (tensor.length === size) return tensor;
    throw new UsageError(`--noise ${path} holds ${shape[0]} tensors; step ${index} needs one more`);
  };
}

/**
 * Writes RGB pixels as a PNG when the name ends in `.png`, else as a JPEG.
 *
 * @throws UsageError when the file cannot be written
 */
export async function writePicture(path: string, pixels: Uint8Array, options: EncodeOptions): Promise<void> {
  const isPng = path.toLowerCase().endsWith('.png');
  const bytes = await (isPng ? encodePng(pixels, options) : encodeJpeg(pixels, options));
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    throw new UsageError(`--output ${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
