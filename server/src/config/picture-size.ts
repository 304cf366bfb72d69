import { UsageError } from '../errors.js';
import type { Size } from '../pipeline/graphs/pixels.js';

/** A frame of that many pixels is the largest that a client may send (`maxFramePixels`). */
const MOST_PIXELS = 1_048_576;
const LEAST_EDGE = 8;

/**
 * Reads `512` or `768x512`, width first. What a model can take of that, it says itself when it is loaded.
 *
 * @param source what the person wrote it in
 * @throws UsageError
 */
export function parseSize(text: string, source: string): Size {
  const [, wide, high = wide] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const [width, height] = [Number(wide), Number(high)];
  if (Math.min(width, height) >= LEAST_EDGE && width * height <= MOST_PIXELS) return { width, height };
  throw new UsageError(
    `${source} must be pixels such as 512, or 768x512 (width x height), at most a million of them, not "${text}"`,
  );
}
