import { ModelError } from '../errors.js';
import { REAL, requireTensor } from './graph-signature.js';
import { requireFixed, type LatentShape } from './latent-shape.js';
import { notFinite } from './not-finite.js';
import type { Extension } from './extended-graph.js';
import type { TensorSpec } from './graph-specs.js';
import type { Graph, TensorValue } from './ort.js';
import { feedSketch, pictureTensor, type Size } from './pixels.js';
import { finite, floatsOf, floatTensor } from './tensor.js';

/** Pictures in: bytes [B, height, width, 3] as `controlnet_cond`. */
export const controlExtension: Extension = {
  check(specs) {
    specs.refuseInputsBut(['controlnet_cond']);
    requireTensor(specs.path, specs.input('controlnet_cond'), {
      types: ['float32', 'float16'],
      ranks: [4],
      channels: 3,
    });
    requireTensor(specs.path, specs.requireOutput('control'), { types: REAL, ranks: [4] });
  },
  extend(specs, added) {
    feedSketch(specs.input('controlnet_cond'), added);
    return [];
  },
};

/** The graph that turns a sketch into the control that the UNet reads, at the size of the latents. It runs once a frame. */
export class ControlEncoder {
  readonly #graph: Graph;
  readonly #sketch: TensorSpec;

  /** @param graph opened with `controlExtension` */
  constructor(graph: Graph) {
    this.#graph = graph;
    this.#sketch = graph.input('controlnet_cond');
  }

  get path(): string {
    return this.#graph.path;
  }

  /**
   * Encodes a blank sketch to learn the shape of the control.
   *
   * @returns [channels, height, width]
   * @throws ModelError when the graph was exported for another size, or the control is not at the size of the latents
   */
  async probe(size: Size, latents: LatentShape): Promise<readonly number[]> {
    requireFixed(this.path, this.#sketch, { shape: size, factor: 1 });
    const { shape } = await this.#run(new Uint8Array(size.width * size.height * 3), size);
    const [, channels = 0, height, width] = shape;
    if (height === latents.height && width === latents.width) return [channels, height, width];
    throw new ModelError(
      `${this.path} makes control of ${shape.slice(1).join(' x ')}, where the latents are ${latents.height} x ${latents.width}: ` +
        'export it to give one value for each latent',
    );
  }

  /**
   * @param picture RGB, `height * width * 3` bytes
   * @returns [channels, height, width] of the latents
   * @throws ModelError when the control is not finite
   */
  async encode(picture: Uint8Array, size: Size): Promise<TensorValue> {
    const control = await this.#run(picture, size);
    const values = floatsOf(control).slice();
    if (!finite(values)) throw notFinite(this.#graph.name, 'unet');
    return floatTensor(values, control.shape.slice(1));
  }

  async #run(picture: Uint8Array, size: Size): Promise<TensorValue> {
    const { shape, ...sketch } = pictureTensor(picture, size);
    const feeds = { controlnet_cond: { ...sketch, shape: [1, ...shape] } };
    const [control] = await this.#graph.run(feeds, ['control']);
    return control!;
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }
}
