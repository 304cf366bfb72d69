import type { ModelError } from '../errors.js';
import { notFinite } from './not-finite.js';
import { pixelsToTensor, tensorToPixels, type Size } from './pixels.js';
import { floatTensor, rowsOf, toFloats } from './tensor.js';
import type { LatentShape } from './unet.js';
import type { Decoded } from './vae-decoder.js';

/** In place of an autoencoder where a model works on the pixels themselves: its latents are planes of colours in -1..1. */
export class PixelCodec {
  async vaeEncode(pictures: readonly Uint8Array[], size: Size): Promise<Float32Array[]> {
    const tensor = pixelsToTensor(pictures, size, 'float32');
    return rowsOf(toFloats(tensor), pictures.length).map((row) => row.slice());
  }

  async vaeDecode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]> {
    const { channels, height, width } = shape;
    const tensors = latents.map((row) => floatTensor('float32', row, [1, channels, height, width]));
    return tensors.flatMap(tensorToPixels).map((picture) => picture ?? this.notFinite());
  }

  /** What to say of pixels that are not finite: nobody but the UNet makes any here. */
  notFinite(): ModelError {
    return notFinite('unet', 'unet');
  }

  async dispose(): Promise<void> {}
}
