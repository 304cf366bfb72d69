import { pixelsToTensor, tensorToPixels, type Size } from './pixels.js';
import { floatTensor, rowsOf, toFloats } from './tensor.js';
import type { LatentShape } from './unet.js';

/** In place of an autoencoder where a model works on the pixels themselves: its latents are planes of colours in -1..1. */
export class PixelCodec {
  async vaeEncode(pictures: readonly Uint8Array[], size: Size): Promise<Float32Array[]> {
    const tensor = pixelsToTensor(pictures, size, 'float32');
    return rowsOf(toFloats(tensor), pictures.length).map((row) => row.slice());
  }

  async vaeDecode(latents: readonly Float32Array[], shape: LatentShape): Promise<Uint8Array<ArrayBuffer>[]> {
    const { channels, height, width } = shape;
    return latents.flatMap((row) => tensorToPixels(floatTensor('float32', row, [1, channels, height, width])));
  }

  async dispose(): Promise<void> {}
}
