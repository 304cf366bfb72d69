import type { Autoencoder } from '../folder/model-folder.js';
import type { ModelError } from '../errors.js';
import type { Codec, Decoded } from './codec.js';
import { LatentScaling } from './latent-scaling.js';
import type { LatentShape } from './latent-shape.js';
import type { Graph } from './ort.js';
import type { Size } from './pixels.js';
import { VaeDecoder } from './vae-decoder.js';
import { VaeEncoder } from './vae-encoder.js';

interface Halves<T> {
  readonly encoder: T;
  readonly decoder: T;
}

/** The two graphs of an autoencoder, before the UNet says how many channels latents have. */
export class OpenedVae {
  readonly #decoder: VaeDecoder;
  readonly #encoderGraph: Graph;
  readonly #scalings: Halves<LatentScaling>;

  private constructor(graphs: Halves<Graph>, scalings: Halves<LatentScaling>) {
    this.#decoder = new VaeDecoder(graphs.decoder, scalings.decoder);
    this.#encoderGraph = graphs.encoder;
    this.#scalings = scalings;
  }

  /** @param usualFactor the scaling factor of an autoencoder without a configuration */
  static async open(
    { encoder, decoder }: Autoencoder,
    usualFactor: number,
    open: (path: string) => Promise<Graph>,
  ): Promise<OpenedVae> {
    const scalings = {
      encoder: LatentScaling.of(encoder.config, usualFactor),
      decoder: LatentScaling.of(decoder.config, usualFactor),
    };
    const graphs = { decoder: await open(decoder.graph), encoder: await open(encoder.graph) };
    return new OpenedVae(graphs, scalings);
  }

  /** Channels of the latents; undefined if the decoder does not say. */
  get channels(): number | undefined {
    return this.#decoder.channels;
  }

  /**
   * Runs both graphs on a patch to see that they fit.
   *
   * @throws ModelError when they do not take latents of `channels` channels, or differ in their factor
   */
  async fit(channels: number): Promise<VaeCodec> {
    const { encoder: scaling, decoder } = this.#scalings;
    for (const each of [scaling, decoder]) each.requireChannels(channels);
    const factor = await this.#decoder.probeFactor(channels);
    const encoder = new VaeEncoder(this.#encoderGraph, { scaling, channels });
    await encoder.checkFactor(factor);
    return new VaeCodec(encoder, this.#decoder, factor);
  }
}

/** An autoencoder. */
export class VaeCodec implements Codec {
  readonly factor: number;
  readonly #encoder: VaeEncoder;
  readonly #decoder: VaeDecoder;

  constructor(encoder: VaeEncoder, decoder: VaeDecoder, factor: number) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.factor = factor;
  }

  requireSize(size: Size, shape: LatentShape): void {
    this.#decoder.requireSize(shape, this.factor);
    this.#encoder.requireSize(size);
  }

  vaeEncode(pictures: readonly Uint8Array[], size: Size, noise?: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.#encoder.vaeEncode(pictures, size, noise);
  }

  vaeDecode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]> {
    return this.#decoder.vaeDecode(latents, shape);
  }

  notFinite(): ModelError {
    return this.#encoder.notFinite();
  }

  async dispose(): Promise<void> {
    await this.#encoder.dispose();
    await this.#decoder.dispose();
  }
}
