import { pixelsToTensor, type Size } from './pixels.js';
import type { Graph, TensorSpec } from './ort.js';
import { rowsOf, toFloats } from './tensor.js';

/** How an autoencoder's latents relate to those the UNet was trained on: z = (latents - shift) * factor. */
export interface LatentScaling {
  readonly factor: number;
  readonly shift: number;
}

export interface VaeEncoderOptions {
  readonly scaling: LatentScaling;
  /** Channels of the latents; a graph that gives twice as many gives mean and log-variance. */
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
    this.#output = graph.output('latent_parameters', 'latent_sample').name;
    this.#options = options;
  }

  /**
   * @param noise standard normal, one array of latents a picture: draws from the posterior; without it its mean is taken
   * @returns scaled latents, one array a picture
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
    const { factor, shift } = this.#options.scaling;
    return rowsOf(toFloats(result!), pictures.length).map((row, i) => {
      const latents = isPosterior ? drawFrom(row, noise?.[i]) : row;
      return latents.map((value) => (value - shift) * factor);
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
