import type { ModelError } from '../errors.js';
import type { Autoencoder } from '../folder/model-folder.js';
import type { Decoded } from './codec.js';
import type { Extension } from './extended-graph.js';
import { LatentScaling } from './latent-scaling.js';
import type { LatentShape } from './latent-shape.js';
import type { Graph } from './ort.js';
import type { Size } from './pixels.js';
import { decoderExtension, VaeDecoder } from './vae-decoder.js';
import { encoderExtension, VaeEncoder, type Sketch } from './vae-encoder.js';

/** Opens a graph with its extension. */
export type OpenExtended = (path: string, extension: Extension) => Promise<Graph>;

/** An autoencoder whose decoder is open, before the UNet says how many channels latents have. */
export class OpenedVae {
  readonly #decoder: VaeDecoder;
  readonly #files: Autoencoder;
  readonly #usualFactor: number;

  private constructor(decoder: VaeDecoder, files: Autoencoder, usualFactor: number) {
    this.#decoder = decoder;
    this.#files = files;
    this.#usualFactor = usualFactor;
  }

  /** @param usualFactor the scaling factor of an autoencoder without a configuration */
  static async open(files: Autoencoder, usualFactor: number, open: OpenExtended): Promise<OpenedVae> {
    const { graph, config } = files.decoder;
    const decoder = await open(graph, decoderExtension(LatentScaling.of(config, usualFactor)));
    return new OpenedVae(new VaeDecoder(decoder), files, usualFactor);
  }

  /** Channels of the latents; undefined if the decoder does not say. */
  get channels(): number | undefined {
    return this.#decoder.channels;
  }

  /**
   * Opens the encoder, and runs both graphs on a patch to see that they fit.
   *
   * @throws ModelError when they do not take latents of `channels` channels, or differ in their factor
   */
  async fit(channels: number, open: OpenExtended): Promise<VaeCodec> {
    const {
      encoder: { graph, config },
      decoder,
    } = this.#files;
    const scaling = LatentScaling.of(config, this.#usualFactor);
    for (const each of [scaling, LatentScaling.of(decoder.config, this.#usualFactor)]) each.requireChannels(channels);
    const factor = await this.#decoder.probeFactor(channels);
    const encoder = new VaeEncoder(await open(graph, encoderExtension({ scaling, channels })), channels);
    await encoder.checkFactor(factor);
    return new VaeCodec(encoder, this.#decoder, factor);
  }
}

/** Turns pictures into noised latents, and latents into pictures. */
export class VaeCodec {
  /** Pixels that one latent spans each way. */
  readonly factor: number;
  readonly #encoder: VaeEncoder;
  readonly #decoder: VaeDecoder;

  constructor(encoder: VaeEncoder, decoder: VaeDecoder, factor: number) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.factor = factor;
  }

  /** @throws ModelError when a graph was exported for another size */
  requireSize(size: Size, shape: LatentShape): void {
    this.#decoder.requireSize(shape, this.factor);
    this.#encoder.requireSize(size);
  }

  /** @throws RangeError when a picture has another size */
  encode(sketches: readonly Sketch[], size: Size, shape: LatentShape): Promise<(Float32Array | ModelError)[]> {
    return this.#encoder.encode(sketches, size, shape);
  }

  decode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]> {
    return this.#decoder.decode(latents, shape);
  }

  async dispose(): Promise<void> {
    await this.#encoder.dispose();
    await this.#decoder.dispose();
  }
}
