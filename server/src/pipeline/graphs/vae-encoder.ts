import { ModelError } from '../errors.js';
import type { Extension } from './extended-graph.js';
import { fixed, type TensorSpec } from './graph-specs.js';
import { REAL, requireTensor } from './graph-signature.js';
import { requireFixed, type LatentShape } from './latent-shape.js';
import type { LatentScaling } from './latent-scaling.js';
import { notFinite, type Blamed } from './not-finite.js';
import type { Graph, TensorValue } from './ort.js';
import { channelMeans, pictureTensor, signedPlanes, type Size } from './pixels.js';
import { RowStack } from './row-stack.js';
import { finiteRows, rowsOf } from './tensor.js';

/** A picture to encode, and how its latents are noised. */
export interface Sketch {
  /** RGB, `height * width * 3` bytes. */
  readonly picture: Uint8Array;
  /** Standard normal, in the shape of the latents. */
  readonly noise: Float32Array;
  /** Factors of the scaled latents and of the noise, whose sum is given. */
  readonly shares: { readonly clean: number; readonly noise: number };
  /** Standard normal: draws from the autoencoder's posterior; without it, its mean is taken. */
  readonly posteriorNoise?: Float32Array | undefined;
}

export interface VaeEncoderOptions {
  readonly scaling: LatentScaling;
  /** Channels of the latents. A graph with twice as many gives mean and log-variance. */
  readonly channels: number;
}

const OUTPUTS = ['latent_parameters', 'latent_sample'] as const;

/**
 * Pictures in, noised latents out:
 *
 * - in: `pictures` bytes [B, height, width, 3]; `noise` and `posterior_noise` [B, C, h, w], where a dimension may be 1;
 *   `shares` [B, 2]
 * - out: `latents` [B, C, h, w]; `means` [B, C, 1, 1], finite only if the row is
 */
export function encoderExtension({ scaling, channels }: VaeEncoderOptions): Extension {
  return {
    check(specs) {
      requireTensor(specs.path, specs.input('sample'), { types: ['float32', 'float16'], ranks: [4], channels: 3 });
      specs.refuseInputsBut(['sample']);
      requireTensor(specs.path, specs.output(...OUTPUTS), { types: REAL, ranks: [4] });
    },
    extend(specs, added) {
      const [rows = 'rows', , height = 'height', width = 'width'] = specs.input('sample').shape;
      const encoded = specs.output(...OUTPUTS).name;
      const noiseInput = (name: string) => added.input(name, 'float32', ['', '', '', '']);
      added.feed(
        specs.input('sample'),
        signedPlanes(added, added.input('pictures', 'uint8', [rows, height, width, 3])),
      );
      const channel = Array.from({ length: channels }, (_, i) => i);
      const values = added.cast(encoded, 'float32');
      const mean = added.node('Gather', [values, added.wholes(channel)], { axis: 1 });
      // The last ones: the means again in a graph that gives nothing else, where the noise is 0.
      const last = added.node('Gather', [values, added.wholes(channel.map((i) => i - channels))], { axis: 1 });
      // mean + exp(logvar / 2) * noise, the log-variance bounded to -30..20 as in the reference.
      const bounded = added.node('Max', [added.node('Min', [last, added.floats([20])]), added.floats([-30])]);
      const deviation = added.node('Exp', [added.node('Mul', [bounded, added.floats([0.5])])]);
      const drawn = added.node('Mul', [deviation, noiseInput('posterior_noise')]);
      const clean = scaling.scaled(added, added.node('Add', [mean, drawn]));
      const shares = added.input('shares', 'float32', [rows, 2]);
      const share = (i: number) => added.node('Gather', [shares, added.wholes([i], [1, 1, 1])], { axis: 1 });
      const noised = added.node('Mul', [noiseInput('noise'), share(1)]);
      const latents = ['', channels, '', ''];
      added.output(
        { name: 'latents', type: 'float32', shape: latents },
        { operator: 'Add', inputs: [added.node('Mul', [clean, share(0)]), noised] },
      );
      added.output({ name: 'means', type: 'float32', shape: ['', channels, 1, 1] }, channelMeans(clean));
      return [encoded];
    },
  };
}

const NO_NOISE: TensorValue = { type: 'float32', data: new Float32Array(1), shape: [1, 1, 1, 1] };

/** Pictures to scaled, noised latents. */
export class VaeEncoder {
  readonly #graph: Graph;
  readonly #sample: TensorSpec;
  readonly #channels: number;
  readonly #blamed: Blamed;
  readonly #stack = new RowStack();
  #isPosterior = false;

  /**
   * @param graph opened with `encoderExtension`
   * @param blamed where numbers that are not finite come from
   */
  constructor(graph: Graph, channels: number, blamed: Blamed = 'autoencoder') {
    this.#graph = graph;
    this.#sample = graph.input('sample');
    this.#channels = channels;
    this.#blamed = blamed;
  }

  /**
   * Encodes a patch to see that the graph is the decoder's counterpart.
   *
   * @param factor pixels that one latent spans each way, as the decoder has it
   * @throws ModelError when it gives latents of another size or number of channels
   */
  async checkFactor(factor: number): Promise<void> {
    const [height = 8 * factor, width = 8 * factor] = this.#sample.shape.slice(2).map(fixed);
    const patch = { picture: new Uint8Array(height * width * 3), noise: new Float32Array(1), shares: NOT_NOISED };
    const { name } = this.#graph.output(...OUTPUTS);
    const [result] = await this.#graph.run(this.#feeds([patch], { height, width }, [1, 1, 1]), [name]);
    const latents = result!.shape;
    const [, found, high, wide] = latents;
    this.#isPosterior = found === 2 * this.#channels;
    const isChannels = found === this.#channels || this.#isPosterior;
    if (isChannels && high! * factor === height && wide! * factor === width) return;
    throw new ModelError(
      `${this.#graph.path} makes ${latents.slice(1).join(' x ')} latents of ${width} x ${height} pixels, ` +
        `where the unet and the decoder have ${this.#channels} channels of ${factor} pixels each: take all from one model`,
    );
  }

  /** @throws ModelError when the graph was exported for pictures of another size */
  requireSize(size: Size): void {
    requireFixed(this.#graph.path, this.#sample, { shape: size, factor: 1 });
  }

  /**
   * @returns noised latents; an error in place of those that are not finite
   * @throws RangeError when a picture has another size
   */
  async encode(sketches: readonly Sketch[], size: Size, shape: LatentShape): Promise<(Float32Array | ModelError)[]> {
    const most = fixed(this.#sample.shape[0]) === 1 ? 1 : sketches.length;
    const encoded: (Float32Array | ModelError)[] = [];
    for (let from = 0; from < sketches.length; from += most) {
      encoded.push(...(await this.#encodeTogether(sketches.slice(from, from + most), size, shape)));
    }
    return encoded;
  }

  async #encodeTogether(
    sketches: readonly Sketch[],
    size: Size,
    { channels, height, width }: LatentShape,
  ): Promise<(Float32Array | ModelError)[]> {
    const feeds = this.#feeds(sketches, size, [channels, height, width]);
    const [latents, means] = await this.#graph.run(feeds, ['latents', 'means']);
    const isFinite = finiteRows(means!);
    const rows = rowsOf(latents!).slice(0, sketches.length);
    return rows.map((row, i) => (isFinite[i] ? row : notFinite(this.#graph.name, this.#blamed)));
  }

  #feeds(sketches: readonly Sketch[], size: Size, shape: readonly number[]): Record<string, TensorValue> {
    const count = this.#graph.rowsOf(sketches.length, this.#sample);
    const pictures = sketches.map(({ picture }) => pictureTensor(picture, size));
    const stacked = (name: string, data: readonly Float32Array[], of: readonly number[]) =>
      this.#stack.stack(
        name,
        data.map((values) => ({ type: 'float32', data: values, shape: of })),
        count,
      );
    const drawn = this.#isPosterior ? sketches.flatMap(({ posteriorNoise }) => posteriorNoise ?? []) : [];
    return {
      pictures: this.#stack.stack('pictures', pictures, count),
      noise: stacked(
        'noise',
        sketches.map(({ noise }) => noise),
        shape,
      ),
      posterior_noise: drawn.length > 0 ? stacked('posterior_noise', drawn, shape) : NO_NOISE,
      shares: stacked(
        'shares',
        sketches.map(({ shares }) => Float32Array.of(shares.clean, shares.noise)),
        [2],
      ),
    };
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }
}

/** Latents without noise. */
const NOT_NOISED = { clean: 1, noise: 0 } as const;
