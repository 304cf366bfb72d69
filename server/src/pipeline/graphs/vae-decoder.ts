import { ModelError } from '../errors.js';
import type { Decoded } from './codec.js';
import { notFinite } from './not-finite.js';
import { tensorToPixels } from './pixels.js';
import { REAL, requireTensor } from './graph-signature.js';
import { fixed, type Graph, type TensorSpec, type TensorValue } from './ort.js';
import { finite, floatTensor, toFloats } from './tensor.js';
import { requireFixed, type LatentShape } from './latent-shape.js';
import type { LatentScaling } from './latent-scaling.js';

/** Scaled latents to pictures. */
export class VaeDecoder {
  readonly #graph: Graph;
  readonly #latents: TensorSpec;
  readonly #output: string;
  readonly #scaling: LatentScaling;

  constructor(graph: Graph, scaling: LatentScaling) {
    this.#graph = graph;
    this.#latents = graph.input('latent_sample');
    graph.refuseInputsBut(['latent_sample']);
    const picture = graph.output('sample');
    this.#output = picture.name;
    requireTensor(graph.path, this.#latents, { types: REAL, ranks: [4] });
    requireTensor(graph.path, picture, { types: REAL, ranks: [4], channels: 3 });
    this.#scaling = scaling;
  }

  /** Channels of the latents; undefined if the graph does not say. */
  get channels(): number | undefined {
    return fixed(this.#latents.shape[1]);
  }

  /**
   * Decodes a patch to learn how many pixels one latent spans: 8 in Stable Diffusion, but not in all autoencoders.
   *
   * @throws ModelError when the graph does not take latents of `channels` channels
   */
  async probeFactor(channels: number): Promise<number> {
    if (this.channels !== undefined && this.channels !== channels) {
      throw new ModelError(
        `${this.#graph.path} decodes ${this.channels} channels, the unet has ${channels}: ` +
          'the unet is one for inpainting or upscaling, or the autoencoder is of another model',
      );
    }
    const [height = 8, width = 8] = this.#latents.shape.slice(2).map(fixed);
    const shape = { channels, height, width };
    const picture = await this.#run(new Float32Array(channels * height * width), { rows: 1, shape });
    const [, colours, high = 0, wide = 0] = picture.shape;
    const factor = high / height;
    if (colours !== 3 || !Number.isInteger(factor) || wide !== factor * width) {
      throw new ModelError(
        `${this.#graph.path} makes a picture of ${picture.shape.slice(1).join(' x ')} of ${height} x ${width} latents: ` +
          'only decoders to red, green and blue that enlarge by a whole factor are served',
      );
    }
    if (finite(toFloats(picture))) return factor;
    throw notFinite(this.#graph.path, 'weights');
  }

  /** @throws ModelError when the graph was exported for latents of another size */
  requireSize(shape: LatentShape, factor: number): void {
    requireFixed(this.#graph.path, this.#latents, { shape, factor });
  }

  /** @returns RGB, `height * width * 3` bytes each; an error in place of a picture whose numbers are not finite */
  async vaeDecode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]> {
    const most = this.#latents.shape[0] === 1 ? 1 : latents.length;
    const pictures: Decoded[] = [];
    for (let from = 0; from < latents.length; from += most) {
      const rows = latents.slice(from, from + most);
      const size = rows[0]!.length;
      const unscaled = new Float32Array(rows.length * size);
      for (const [row, values] of rows.entries()) unscaled.set(this.#scaling.unscale(values), row * size);
      const decoded = tensorToPixels(await this.#run(unscaled, { rows: rows.length, shape }));
      pictures.push(...decoded.map((picture) => picture ?? notFinite(this.#graph.name, 'autoencoder')));
    }
    return pictures;
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }

  async #run(unscaled: Float32Array, { rows, shape }: { rows: number; shape: LatentShape }): Promise<TensorValue> {
    const { channels, height, width } = shape;
    const feed = floatTensor(this.#latents.type, unscaled, [rows, channels, height, width]);
    const [picture] = await this.#graph.run({ [this.#latents.name]: feed }, [this.#output], rows);
    return picture!;
  }
}
