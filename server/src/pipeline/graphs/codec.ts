import { ModelError } from '../errors.js';

/** A picture, or the reason for having none: a frame that fails must not fail the others of its call. */
export type Decoded = Uint8Array<ArrayBuffer> | ModelError;

/** @throws ModelError the first error in place of a picture */
export function picturesOf(decoded: readonly Decoded[]): Uint8Array<ArrayBuffer>[] {
  return decoded.map((picture) => {
    if (picture instanceof ModelError) throw picture;
    return picture;
  });
}
