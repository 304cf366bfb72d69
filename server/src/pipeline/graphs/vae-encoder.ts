import { ModelError } from '../errors.js';
import { notFinite } from './not-finite.js';
import { pixelsToTensor, type Size } from './pixels.js';
import { REAL, requireTensor } from './graph-signature.js';
import { requireFixed } from './latent-shape.js';
import { fixed, type Graph, type TensorSpec } from './ort.js';
import type { LatentScaling } from './latent-scaling.js';
import { rowsOf, toFloats } from './tensor.js';

export interface VaeEncoderOptions {
  readonly scaling: LatentScaling;
  /** Channels of the latents. A graph with twice as many gives mean and log-variance. */
  readonly channels: number;
}

/** Pictures to scaled latents. */
export class VaeEncoder {
  readonly #graph: Graph;
  readonly #sample: TensorSpec;
  readonly #output: string;
  readonly #options: VaeEncoderOptions;

  constructor(graph: Graph, options: VaeEncoderOptions) {
    this.#graph = graph;
    this.#sample = graph.input('sample');
    graph.refuseInputsBut(['sample']);
    const latents = graph.output('latent_parameters', 'latent_sample');
    this.#output = latents.name;
    requireTensor(graph.path, this.#sample, { types: ['float32', 'float16'], ranks: [4], channels: 3 });
    requireTensor(graph.path, latents, { types: REAL, ranks: [4] });
    this.#options = options;
  }

  /**
   * Encodes a patch to see that the graph is the decoder's counterpart.
   *
   * @param factor pixels that one latent spans each way, as the decoder has it
   * @throws ModelError when it gives latents of another size or number of channels
   */
  async checkFactor(factor: number): Promise<void> {
    const [height = 8 * factor, width = 8 * factor] = this.#sample.shape.slice(2).map(fixed);
    const patch = pixelsToTensor([new Uint8Array(height * width * 3)], { height, width }, this.#sample.type);
    const [result] = await this.#graph.run({ [this.#sample.name]: patch }, [this.#output], 1);
    const { channels } = this.#options;
    const latents = result!.shape;
    const [, found, high, wide] = latents;
    const fits =
      (found === channels || found === 2 * channels) && high! * factor === height && wide! * factor === width;
    if (fits) return;
    throw new ModelError(
      `${this.#graph.path} makes ${latents.slice(1).join(' x ')} latents of ${width} x ${height} pixels, ` +
        `where the unet and the decoder have ${channels} channels of ${factor} pixels each: take all from one model`,
    );
  }

  /** The error for latents that are not finite. */
  notFinite(): ModelError {
    return notFinite(this.#graph.name, 'autoencoder');
  }

  /** @throws ModelError when the graph was exported for pictures of another size */
  requireSize(size: Size): void {
    requireFixed(this.#graph.path, this.#sample, { shape: size, factor: 1 });
  }

  /**
   * @param noise standard normal, one array of latents a picture: draws from the posterior; without it, its mean is taken
   * @returns scaled latents, one array a picture; they may not be finite
   */
  async vaeEncode(
    pictures: readonly Uint8Array[],
    size: Size,
    noise?: readonly Float32Array[],
  ): Promise<Float32Array[]> {
    if (pictures.length > 1 && this.#sample.shape[0] === 1) return this.#encodeOneByOne(pictures, size, noise);
    const sample = pixelsToTensor(pictures, size, this.#sample.type);
    const [result] = await this.#graph.run({ [this.#sample.name]: sample }, [this.#output], pictures.length);
    const isPosterior = result!.shape[1] === 2 * this.#options.channels;
    return rowsOf(toFloats(result!), pictures.length).map((row, i) => {
      const latents = isPosterior ? drawFrom(row, noise?.[i]) : row;
      return this.#options.scaling.scale(latents);
    });
  }

  async #encodeOneByOne(
    pictures: readonly Uint8Array[],
    size: Size,
    noise?: readonly Float32Array[],
  ): Promise<Float32Array[]> {
    const latents: Float32Array[] = [];
    for (const [i, picture] of pictures.entries()) {
      latents.push(...(await this.vaeEncode([picture], size, noise && [noise[i]!])));
    }
    return latents;
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }
}

/** mean + exp(logvar / 2) * noise, the log-variance bounded to -30..20 as in the reference. */
function drawFrom(posterior: Float32Array, noise: Float32Array | undefined): Float32Array {
  const half = posterior.length / 2;
  const mean = posterior.subarray(0, half);
  if (!noise) return mean;
  return mean.map((value, i) => {
    const logVariance = Math.max(-30, Math.min(20, posterior[half + i]!));
    return value + Math.exp(0.5 * logVariance) * noise[i]!;
  });
}
