import sharp, { type Region } from 'sharp';
import { FrameError } from '../../errors.js';
import type { Size } from '../../pipeline/graphs/pixels.js';
import { blockVisits, isJpeg } from './jpeg-scans.js';

// Only three formats, and only from memory: SVG can name files to read, and security holes are mostly in rarely used
// decoders.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});
// Frames never repeat, and many of them are decoded in parallel anyway.
sharp.cache(false);
sharp.concurrency(1);

export interface DecodeOptions extends Size {
  /** Larger pictures are rejected by their header alone, and so are JPEGs whose scans visit more blocks than this. */
  readonly maxPixels: number;
}

/**
 * A picture up to this many times longer than the wanted shape is scaled before it is cropped, which is faster. A
 * longer one is cropped first, because scaling it to cover that shape would make it very large.
 */
const ELONGATED = 2;

/**
 * Decodes a JPEG, PNG or WebP picture: orientation applied, transparency flattened on white, cropped to the wanted
 * aspect ratio around the centre and scaled. Errors that browsers tolerate are tolerated; a truncated picture is
 * rejected.
 *
 * @returns RGB, rows first, `height * width * 3` bytes
 * @throws FrameError `image-too-large` or `bad-image`
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, maxPixels } = options;
  try {
    if (isJpeg(bytes) && blockVisits(bytes) > maxPixels) {
      throw new FrameError('image-too-large', 'the JPEG has too many scans; send a baseline JPEG');
    }
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', pages: 1 });
    const middle = middleOf((await picture.metadata()).autoOrient, options);
    const upright = picture.autoOrient();
    const pixels = await (middle ? upright.extract(middle) : upright)
      .flatten({ background: '#ffffff' })
      .resize(width, height, { fit: 'cover', position: 'centre', fastShrinkOnLoad: true })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
    // A copy, which can move to another thread. Since Node 22, the memory of a Buffer from sharp cannot; that of
    // sharp's toUint8Array() can, but it is never freed (0.35.5).
    return Uint8Array.from(pixels);
  } catch (cause) {
    throw frameError(cause, maxPixels);
  }
}

/** The centre of a long picture, in the wanted shape; undefined for a picture that is not long. */
function middleOf(picture: Size, wanted: Size): Region | undefined {
  const ratio = (picture.width * wanted.height) / (picture.height * wanted.width);
  if (Math.max(ratio, 1 / ratio) <= ELONGATED) return undefined;
  const width = ratio > 1 ? Math.max(1, Math.round(picture.width / ratio)) : picture.width;
  const height = ratio > 1 ? picture.height : Math.max(1, Math.round(picture.height * ratio));
  const [left, top] = [Math.floor((picture.width - width) / 2), Math.floor((picture.height - height) / 2)];
  return { left, top, width, height };
}

function frameError(cause: unknown, maxPixels: number): FrameError {
  if (cause instanceof FrameError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes('exceeds pixel limit')) {
    return new FrameError('image-too-large', `the picture has more than ${maxPixels} pixels; send a smaller one`, {
      cause,
    });
  }
  return new FrameError('bad-image', 'not a complete JPEG, PNG or WebP picture', { cause });
}

export interface EncodeOptions extends Size {
  /** 1..100 */
  readonly quality: number;
  /** Hides the content of a flagged picture; only rough colours stay. */
  readonly blurred?: boolean;
}

/** Width of a blurred picture in pixels before it is enlarged again. */
const BLURRED_WIDTH = 8;

/** Encodes RGB pixels, `height * width * 3` bytes, as a baseline JPEG. */
export async function encodeJpeg(pixels: Uint8Array, options: EncodeOptions): Promise<Uint8Array> {
  const { width, height, quality, blurred = false } = options;
  const shown = blurred ? await blur(pixels, options) : pixels;
  return sharp(shown, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, optimiseCoding: false })
    .toBuffer();
}

/** Encodes RGB pixels, `height * width * 3` bytes, as a PNG, without loss. */
export async function encodePng(pixels: Uint8Array, options: Omit<EncodeOptions, 'quality'>): Promise<Uint8Array> {
  const { width, height, blurred = false } = options;
  const shown = blurred ? await blur(pixels, options) : pixels;
  return sharp(shown, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Scales down to a picture so small that the content is lost for good, and up again. */
async function blur(pixels: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  const small = { width: BLURRED_WIDTH, height: Math.max(1, Math.round((BLURRED_WIDTH * height) / width)) };
  const colours = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ ...small, fit: 'fill' })
    .raw()
    .toBuffer();
  return sharp(colours, { raw: { ...small, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}
