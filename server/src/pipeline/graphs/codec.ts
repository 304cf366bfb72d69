import { ModelError } from '../errors.js';
import type { LatentShape } from './latent-shape.js';
import type { Size } from './pixels.js';

/** A picture, or the reason for having none: a frame that fails must not fail the others of its call. */
export type Decoded = Uint8Array<ArrayBuffer> | ModelError;

/** @throws ModelError the first error in place of a picture */
export function picturesOf(decoded: readonly Decoded[]): Uint8Array<ArrayBuffer>[] {
  return decoded.map((picture) => {
    if (picture instanceof ModelError) throw picture;
    return picture;
  });
}

/** Turns pictures into scaled latents and back. Pictures are RGB, `height * width * 3` bytes each. */
export interface Codec {
  /** Pixels that one latent spans each way. */
  readonly factor: number;
  /** @throws ModelError when a graph was exported for another size */
  requireSize(size: Size, shape: LatentShape): void;
  /**
   * @param noise standard normal, one array of latents a picture: draws from the posterior; without it, its mean is taken
   * @returns scaled latents, one array a picture; they may not be finite
   * @throws RangeError when a picture has another size
   */
  vaeEncode(pictures: readonly Uint8Array[], size: Size, noise?: readonly Float32Array[]): Promise<Float32Array[]>;
  vaeDecode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]>;
  /** The error for latents that are not finite. */
  notFinite(): ModelError;
  dispose(): Promise<void>;
}
