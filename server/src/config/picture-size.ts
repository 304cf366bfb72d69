import { UsageError } from '../errors.js';
import type { Size } from '../pipeline/graphs/pixels.js';

/** Pixels of the largest frame that a client may send (`maxFramePixels`). */
const MOST_PIXELS = 1_048_576;
const LEAST_EDGE = 8;

/**
 * Reads `512` or `768x512`, width first. Loading the model checks whether it supports the size.
 *
 * @param source the flag or variable that held it
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
