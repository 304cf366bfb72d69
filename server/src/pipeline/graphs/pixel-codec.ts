import type { ModelError } from '../errors.js';
import type { Codec, Decoded } from './codec.js';
import type { LatentShape } from './latent-shape.js';
import { notFinite } from './not-finite.js';
import { pixelsToTensor, tensorToPixels, type Size } from './pixels.js';
import { floatTensor, rowsOf, toFloats } from './tensor.js';

/** For models that work on the pixels themselves: latents are planes of colours in -1..1. */
export class PixelCodec implements Codec {
  readonly factor = 1;

  requireSize(): void {}

  async vaeEncode(pictures: readonly Uint8Array[], size: Size): Promise<Float32Array[]> {
    const tensor = pixelsToTensor(pictures, size, 'float32');
    return rowsOf(toFloats(tensor), pictures.length).map((row) => row.slice());
  }

  async vaeDecode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]> {
    const { channels, height, width } = shape;
    const tensors = latents.map((row) => floatTensor('float32', row, [1, channels, height, width]));
    return tensors.flatMap(tensorToPixels).map((picture) => picture ?? this.notFinite());
  }

  /** Only the UNet makes pixels here. */
  notFinite(): ModelError {
    return notFinite('unet', 'unet');
  }

  async dispose(): Promise<void> {}
}
