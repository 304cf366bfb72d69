import { readModelFolder, type ModelFolder } from '../../pipeline/folder/model-folder.js';
import type { Dtype } from '../../pipeline/folder/variants.js';
import { openGraph, type KeptGraphOptions } from '../../pipeline/graphs/optimised-graph.js';
import type { TensorSpec } from '../../pipeline/graphs/graph-specs.js';
import type { Graph, TensorValue } from '../../pipeline/graphs/ort.js';

interface BareGraph {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, TensorValue>>;
  readonly outputs: readonly string[];
}

export interface BareRunsOptions extends KeptGraphOptions {
  /** Pixels of the picture. */
  readonly width: number;
  readonly height: number;
  readonly dtype?: Dtype;
  /** UNet calls of one frame. */
  readonly steps: number;
  /** Frames in one call of each graph. */
  readonly rows?: number;
}

interface BareFrame {
  /** The graphs that read the picture. */
  readonly readers: readonly BareGraph[];
  readonly unet: BareGraph;
  readonly decoder: BareGraph | undefined;
  readonly steps: number;
}

/**
 * Only the `run` calls of one frame: the same graphs, shapes and options as in the worker, on constant data, in one
 * process. Any further cost of a frame is ours.
 */
export class BareRuns {
  readonly #readers: readonly BareGraph[];
  readonly #unet: BareGraph;
  /** Undefined for a model of pixels. */
  readonly #decoder: BareGraph | undefined;
  readonly #steps: number;

  private constructor({ readers, unet, decoder, steps }: BareFrame) {
    this.#readers = readers;
    this.#unet = unet;
    this.#decoder = decoder;
    this.#steps = steps;
  }

  static async open(modelDir: string, options: BareRunsOptions): Promise<BareRuns> {
    const folder = await readModelFolder(modelDir, modelDir, options.dtype);
    const { width, height, steps, rows = 1 } = options;
    const open = async (path: string, shapes: Readonly<Record<string, readonly number[]>>): Promise<BareGraph> => {
      const graph = await openGraph(path, options);
      const feeds = Object.fromEntries([...graph.inputs.values()].map((spec) => [spec.name, constant(spec, shapes)]));
      return { graph, feeds, outputs: [...graph.outputs.keys()].slice(0, 1) };
    };
    const picture = [rows, 3, height, width];
    const encoder = folder.vae && (await open(folder.vae.encoder.graph, { sample: picture }));
    const [, , ...size] = encoder ? (await run(encoder))[0]!.shape : picture;
    const sample = [rows, folder.unet.config.in_channels ?? 4, ...size];
    const control = folder.controlEncoder ? await open(folder.controlEncoder, { controlnet_cond: picture }) : undefined;
    const unet = await open(folder.unet.graph, {
      sample,
      controlnet_cond: picture,
      control: control ? (await run(control))[0]!.shape : [],
      conditioning_scale: [rows],
      timestep: [rows],
      encoder_hidden_states: [rows, tokensOf(folder), 0],
      timestep_cond: [rows, folder.unet.config.time_cond_proj_dim ?? 0],
    });
    const decoder = folder.vae && (await open(folder.vae.decoder.graph, { latent_sample: sample }));
    // A model that starts from noise does not encode pictures.
    const isEncoded = encoder && !folder.card.startsFromNoise;
    if (!isEncoded) await encoder?.graph.dispose();
    const readers = [isEncoded ? encoder : undefined, control].filter((graph) => graph !== undefined);
    return new BareRuns({ readers, unet, decoder, steps });
  }

  /** The calls of one frame, or of `rows` frames together; ms. */
  async frame(): Promise<number> {
    const startedMs = performance.now();
    for (const graph of this.#readers) await run(graph);
    for (let step = 0; step < this.#steps; step++) await run(this.#unet);
    if (this.#decoder) await run(this.#decoder);
    return performance.now() - startedMs;
  }

  /** One UNet call. */
  async step(): Promise<void> {
    await run(this.#unet);
  }

  async dispose(): Promise<void> {
    for (const part of [...this.#readers, this.#unet, this.#decoder]) await part?.graph.dispose();
  }
}

function run({ graph, feeds, outputs }: BareGraph): Promise<TensorValue[]> {
  return graph.run(feeds, outputs);
}

function tokensOf(folder: ModelFolder): number {
  return folder.textEncoders[0]?.config.max_position_embeddings ?? 77;
}

/** An input of the declared type. Where the graph fixes a dimension, that one is used. */
function constant(spec: TensorSpec, shapes: Readonly<Record<string, readonly number[]>>): TensorValue {
  const known = shapes[spec.name] ?? [];
  const shape = spec.shape.map((dimension, i) => (typeof dimension === 'number' ? dimension : (known[i] ?? 1)));
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  switch (spec.type) {
    case 'int64':
      return { type: 'int64', data: new BigInt64Array(size).fill(499n), shape };
    case 'int32':
      return { type: 'int32', data: new Int32Array(size).fill(499), shape };
    case 'float16':
      // 0x3400 is 0.25 in half precision.
      return { type: 'float16', data: new Uint16Array(size).fill(0x3400), shape };
    case 'float64':
      return { type: 'float64', data: new Float64Array(size).fill(0.25), shape };
    case 'uint8':
    case 'bool':
      return { type: spec.type, data: new Uint8Array(size), shape };
    case 'float32':
      return { type: 'float32', data: new Float32Array(size).fill(0.25), shape };
  }
}
