import { basename, dirname, join } from 'node:path';
import { env, InferenceSession, type Tensor } from 'onnxruntime-node';
import { asDeviceFailure, DeviceFailure } from './device-failure.js';
import { ModelError } from '../errors.js';
import { graphBytes } from '../folder/graph-bytes.js';
import { explainLoadFailure } from '../folder/load-failure.js';

/*
 * The wall around ONNX Runtime: nothing else imports it. A graph is loaded by path, so that external data is found and
 * memory-mapped; tensors are plain typed arrays with a shape on either side.
 */

// Errors are thrown and reported in one line; the runtime need not print them too.
env.logLevel = 'fatal';

export const RUNTIME_VERSION = env.versions.node ?? '';

export type Device = 'cpu' | 'cuda' | 'webgpu';
export type ElementType = 'float32' | 'float16' | 'float64' | 'int32' | 'int64' | 'bool';
export type ElementData = Float32Array | Uint16Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** An input or output as the graph declares it. A dimension is a number, or a name where it is free. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** The size of a dimension; undefined if it is free. */
export function fixed(dimension: number | string | undefined): number | undefined {
  return typeof dimension === 'number' && dimension > 0 ? dimension : undefined;
}

export interface TensorValue {
  readonly type: ElementType;
  readonly data: ElementData;
  readonly shape: readonly number[];
}

export type Optimisation = 'disabled' | 'basic' | 'extended' | 'all';

export interface GraphOptions {
  readonly device: Device;
  readonly deviceId: number;
  /** Threads of one run; 0 leaves the choice to ONNX Runtime. */
  readonly threads: number;
  /** By default, the level at which graphs of this size load fastest without running slower. */
  readonly optimisation?: Optimisation | undefined;
  /** A file to read the optimised graph from, or to write it to. */
  readonly optimised?: { readonly file: string; readonly mode: 'read' | 'write' };
  /**
   * Whether calls are padded to 1, 2, 4, 8 ... rows. By default on devices that compile or tune for each shape, which are
   * all but the CPU.
   */
  readonly padRows?: boolean;
}

export class Graph {
  readonly path: string;
  readonly inputs: ReadonlyMap<string, TensorSpec>;
  readonly outputs: ReadonlyMap<string, TensorSpec>;
  readonly #session: InferenceSession;
  readonly #device: Device;
  readonly #padRows: boolean;

  private constructor(path: string, session: InferenceSession, { device, padRows }: GraphOptions) {
    this.path = path;
    this.#session = session;
    this.#device = device;
    this.#padRows = padRows ?? device !== 'cpu';
    this.inputs = specsByName(session.inputMetadata);
    this.outputs = specsByName(session.outputMetadata);
  }

  /** @throws ModelError when the file is not a complete ONNX graph, or the device does not start */
  static async open(path: string, options: GraphOptions): Promise<Graph> {
    try {
      const { optimised } = options;
      const file = optimised?.mode === 'read' ? optimised.file : path;
      const optimisation = options.optimisation ?? (await usualOptimisation(path, options));
      const session = await InferenceSession.create(file, sessionOptions(options, optimisation));
      return new Graph(path, session, options);
    } catch (error) {
      const cause = asDeviceFailure(error, options.device);
      if (cause instanceof DeviceFailure && cause.outOfMemory) {
        throw new ModelError(`${path}: ${cause.message}; one in half precision needs half`, { cause });
      }
      const why = await explainLoadFailure(path, cause);
      throw new ModelError(`${path} does not load on ${options.device}: ${why}`, { cause });
    }
  }

  /** The end of the path that names the graph, for messages to clients. */
  get name(): string {
    return join(basename(dirname(this.path)), basename(this.path));
  }

  /** @throws ModelError when the graph has no such input */
  input(name: string): TensorSpec {
    const spec = this.inputs.get(name);
    if (spec) return spec;
    throw new ModelError(`${this.path} has no input ${name}, only ${[...this.inputs.keys()].join(', ')}`);
  }

  /** @throws ModelError when the graph has other inputs than these */
  refuseInputsBut(known: readonly string[]): void {
    const strange = [...this.inputs.keys()].filter((name) => !known.includes(name));
    if (strange.length === 0) return;
    throw new ModelError(`${this.path} wants ${strange.join(', ')}: a model of this kind is not served`);
  }

  /** @throws ModelError when the graph has no such output */
  requireOutput(name: string): TensorSpec {
    const spec = this.outputs.get(name);
    if (spec) return spec;
    throw new ModelError(`${this.path} has no output ${name}, only ${[...this.outputs.keys()].join(', ')}`);
  }

  /** The first of `names` that is an output of the graph, else its first output. */
  output(...names: readonly string[]): TensorSpec {
    const wanted = names.find((name) => this.outputs.has(name)) ?? [...this.outputs.keys()][0]!;
    return this.outputs.get(wanted)!;
  }

  /**
   * Runs the graph for the outputs named. Blocks the calling thread.
   *
   * @param rows the batch size: feeds of that many rows may be padded, and outputs are cut to it
   * @throws ModelError when the graph cannot take what it is fed
   * @throws DeviceFailure when the device is out of memory, or lost
   */
  async run(
    feeds: Readonly<Record<string, TensorValue>>,
    outputs: readonly string[],
    rows: number,
  ): Promise<TensorValue[]> {
    const run = this.#rowsRun(feeds, rows);
    const tensors: Record<string, Tensor> = {};
    for (const [name, feed] of Object.entries(feeds)) {
      tensors[name] = tensorOf(shape0(feed) === rows ? withRows(feed, run) : feed);
    }
    const results = await this.#call(tensors, outputs);
    return outputs.map((name) => {
      const value = valueOf(results[name] as Tensor);
      return shape0(value) === run ? withRows(value, rows) : value;
    });
  }

  async #call(feeds: Record<string, Tensor>, outputs: readonly string[]): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds, outputs);
    } catch (error) {
      const cause = asDeviceFailure(error, this.#device);
      if (cause instanceof DeviceFailure) throw cause;
      const shapes = Object.entries(feeds).map(([name, { dims }]) => `${name} [${dims.join(', ')}]`);
      const why = await explainLoadFailure(this.path, cause);
      throw new ModelError(`${this.name} does not run on ${shapes.join(', ')}: ${why}`, { cause });
    }
  }

  #rowsRun(feeds: Readonly<Record<string, TensorValue>>, rows: number): number {
    const isFixed = ([name, feed]: [string, TensorValue]) =>
      shape0(feed) === rows && typeof this.inputs.get(name)?.shape[0] === 'number';
    return this.#padRows && !Object.entries(feeds).some(isFixed) ? 2 ** Math.ceil(Math.log2(rows)) : rows;
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * Weights, in bytes, beyond which `all` does not pay on a processor at every load. It lays the weights of convolutions out
 * anew, which for the UNet of Stable Diffusion 1.5 takes seconds, for a step that is a tenth faster.
 */
const LARGE_BYTES = 256 << 20;

async function usualOptimisation(path: string, { device, optimised }: GraphOptions): Promise<Optimisation> {
  if (optimised) return optimised.mode === 'read' ? 'disabled' : 'all';
  if (device !== 'cpu') return 'all';
  const bytes = await graphBytes(path).catch(() => 0);
  return bytes > LARGE_BYTES ? 'basic' : 'all';
}

function sessionOptions(
  { device, deviceId, threads, optimised }: GraphOptions,
  optimisation: Optimisation,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [device === 'cuda' ? { name: device, deviceId } : device],
    graphOptimizationLevel: optimisation,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Measured on the full-size UNet: 0.8 GB less at the peak, and no slower.
    enableCpuMemArena: false,
    logSeverityLevel: 4,
    // A waiting thread that spins takes the core that the next picture's decoder needs.
    extra: { session: { intra_op: { allow_spinning: '0' }, ...(optimised?.mode === 'write' && WEIGHTS_BESIDE) } },
    ...(optimised?.mode === 'write' && { optimizedModelFilePath: optimised.file }),
  };
}

/** A graph file is limited to 2 GB, and weights beside it are mapped, not read. */
const WEIGHTS_BESIDE = { optimized_model_external_initializers_file_name: 'model.onnx_data' };

function shape0({ shape }: TensorValue): number | undefined {
  return shape[0];
}

/** The same tensor cut or padded to `rows`. */
function withRows(value: TensorValue, rows: number): TensorValue {
  const [before = rows, ...rest] = value.shape;
  if (rows === before) return value;
  const { type, data } = value;
  const shape = [rows, ...rest];
  const size = (data.length / before) * rows;
  if (rows < before) return { type, data: data.subarray(0, size), shape };
  const filled = new (data.constructor as new (length: number) => ElementData)(size);
  filled.set(data as never);
  return { type, data: filled, shape };
}

function specsByName(metadata: readonly InferenceSession.ValueMetadata[]): Map<string, TensorSpec> {
  const tensors = metadata.filter((value) => value.isTensor);
  return new Map(tensors.map(({ name, type, shape }) => [name, { name, type: type as ElementType, shape }]));
}

/**
 * The fields of a tensor that the binding reads. The class itself would turn the bits of half-precision numbers into a Float16Array
 * where Node has one, from 24 on, and the binding takes only a Uint16Array (microsoft/onnxruntime#26791).
 */
function tensorOf({ type, data, shape: dims }: TensorValue): Tensor {
  return { type, data, dims, location: 'cpu' } as unknown as Tensor;
}

function valueOf({ type, data, dims }: Tensor): TensorValue {
  const array = data as ElementData;
  // From Node 24 on half-precision numbers come out as a Float16Array.
  const bits = type === 'float16' ? new Uint16Array(array.buffer, array.byteOffset, array.length) : array;
  return { type: type as ElementType, data: bits, shape: dims };
}
