import { openPassing, type PassingGraph } from './extended-graph.js';
import type { TensorSpec } from './graph-specs.js';
import { LatentScaling } from './latent-scaling.js';
import type { GraphOptions } from './ort.js';
import { VaeCodec } from './vae-codec.js';
import { decoderExtension, VaeDecoder } from './vae-decoder.js';
import { encoderExtension, VaeEncoder } from './vae-encoder.js';

const COLOURS = 3;
const SHAPE = ['rows', COLOURS, 'height', 'width'] as const;
/** Only the UNet makes numbers in such a model. */
const BLAMED = 'unet';

/** For models that work on the pixels themselves: latents are planes of colours in -1..1, of an autoencoder that does nothing. */
export async function openPixelCodec(options: GraphOptions): Promise<VaeCodec> {
  const scaling = LatentScaling.of({}, 1);
  const picture: TensorSpec = { name: 'sample', type: 'float32', shape: SHAPE };
  const latents: TensorSpec = { ...picture, name: 'latent_sample' };
  const encoding = encoderExtension({ scaling, channels: COLOURS });
  const encoder = await openPassing(passing(picture, latents), encoding, options);
  const decoding = decoderExtension(scaling);
  const decoder = await openPassing(passing(latents, picture), decoding, options);
  return new VaeCodec(new VaeEncoder(encoder, COLOURS, BLAMED), new VaeDecoder(decoder, BLAMED), 1);
}

function passing(input: TensorSpec, output: TensorSpec): PassingGraph {
  return { name: BLAMED, inputs: [input], passed: input.name, output };
}
