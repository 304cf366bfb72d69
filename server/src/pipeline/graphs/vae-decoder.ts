import { ModelError } from '../errors.js';
import type { Decoded } from './codec.js';
import type { Extension } from './extended-graph.js';
import { fixed, type TensorSpec } from './graph-specs.js';
import { REAL, requireTensor } from './graph-signature.js';
import { requireFixed, type LatentShape } from './latent-shape.js';
import type { LatentScaling } from './latent-scaling.js';
import { notFinite, type Blamed } from './not-finite.js';
import type { Graph, TensorValue } from './ort.js';
import { channelMeans, pixels } from './pixels.js';
import { RowStack } from './row-stack.js';
import { finiteRows, pixelRowsOf } from './tensor.js';

/**
 * Scaled latents in, pictures out:
 *
 * - in: `latents` [B, C, h, w]
 * - out: `pictures` bytes [B, height, width, 3]; `means` [B, 3, 1, 1], finite only if the row is
 */
export function decoderExtension(scaling: LatentScaling): Extension {
  return {
    check(specs) {
      requireTensor(specs.path, specs.input('latent_sample'), { types: REAL, ranks: [4] });
      specs.refuseInputsBut(['latent_sample']);
      requireTensor(specs.path, specs.output('sample'), { types: REAL, ranks: [4], channels: 3 });
      scaling.requireChannels(fixed(specs.input('latent_sample').shape[1]));
    },
    extend(specs, added) {
      const taken = specs.input('latent_sample');
      const picture = specs.output('sample').name;
      added.feed(taken, scaling.unscaled(added, added.input('latents', 'float32', taken.shape)));
      const planes = added.cast(picture, 'float32');
      added.output({ name: 'pictures', type: 'uint8', shape: ['', '', '', 3] }, pixels(added, planes));
      added.output({ name: 'means', type: 'float32', shape: ['', 3, 1, 1] }, channelMeans(planes));
      return [picture];
    },
  };
}

/** Scaled latents to pictures. */
export class VaeDecoder {
  readonly #graph: Graph;
  readonly #latents: TensorSpec;
  readonly #blamed: Blamed;
  readonly #stack = new RowStack();

  /**
   * @param graph opened with `decoderExtension`
   * @param blamed where numbers that are not finite come from
   */
  constructor(graph: Graph, blamed: Blamed = 'autoencoder') {
    this.#graph = graph;
    this.#blamed = blamed;
    this.#latents = graph.input('latent_sample');
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
    const patch = new Float32Array(channels * height * width);
    const [pictures, means] = await this.#run([patch], { channels, height, width });
    const [, high = 0, wide = 0, colours] = pictures!.shape;
    const factor = high / height;
    if (colours !== 3 || !Number.isInteger(factor) || wide !== factor * width) {
      throw new ModelError(
        `${this.#graph.path} makes a picture of ${[colours, high, wide].join(' x ')} of ${height} x ${width} latents: ` +
          'only decoders to red, green and blue that enlarge by a whole factor are served',
      );
    }
    if (finiteRows(means!)[0]) return factor;
    throw notFinite(this.#graph.path, 'weights');
  }

  /** @throws ModelError when the graph was exported for latents of another size */
  requireSize(shape: LatentShape, factor: number): void {
    requireFixed(this.#graph.path, this.#latents, { shape, factor });
  }

  /** @returns RGB, `height * width * 3` bytes each; an error in place of a picture whose numbers are not finite */
  async decode(latents: readonly Float32Array[], shape: LatentShape): Promise<Decoded[]> {
    const most = fixed(this.#latents.shape[0]) === 1 ? 1 : latents.length;
    const decoded: Decoded[] = [];
    for (let from = 0; from < latents.length; from += most) {
      const rows = latents.slice(from, from + most);
      const [pictures, means] = await this.#run(rows, shape);
      const isFinite = finiteRows(means!);
      const bytes = pixelRowsOf(pictures!).slice(0, rows.length);
      decoded.push(...bytes.map((picture, i) => (isFinite[i] ? picture : notFinite(this.#graph.name, this.#blamed))));
    }
    return decoded;
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }

  #run(latents: readonly Float32Array[], { channels, height, width }: LatentShape): Promise<TensorValue[]> {
    const shape = [channels, height, width];
    const rows = latents.map((data) => ({ type: 'float32', data, shape }) as const);
    const count = this.#graph.rowsOf(latents.length, this.#latents);
    return this.#graph.run({ latents: this.#stack.stack('latents', rows, count) }, ['pictures', 'means']);
  }
}
