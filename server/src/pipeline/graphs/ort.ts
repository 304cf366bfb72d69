import { dirname } from 'node:path';
import ort, { type InferenceSession, type Tensor } from 'onnxruntime-node';
import { asDeviceFailure, DeviceFailure } from './device-failure.js';
import { ModelError } from '../errors.js';
import { graphBytes } from '../folder/graph-bytes.js';
import { explainLoadFailure } from '../folder/load-failure.js';
import { ADDED } from '../onnx/addition.js';
import { fixed, GraphSpecs, type ElementType, type TensorSpec } from './graph-specs.js';

/*
 * The wall around ONNX Runtime: nothing else imports it. A graph is loaded by path, so that external data is found and
 * memory-mapped; tensors are plain typed arrays with a shape on either side.
 */

// Node 20.19 does not find the names that the package re-exports if code from strings is forbidden, as `npm start` does.
const { env, InferenceSession: Session } = ort;

// Errors are thrown and reported in one line; the runtime need not print them too.
env.logLevel = 'fatal';

export const RUNTIME_VERSION = env.versions.node ?? '';

export type Device = 'cpu' | 'cuda' | 'webgpu';
export type ElementData = Float32Array | Uint16Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

export interface TensorValue {
  readonly type: ElementType;
  readonly data: ElementData;
  readonly shape: readonly number[];
}

/** A result in the memory of the device. Graphs of that device can be fed with it; it must be disposed of. */
export class DeviceTensor {
  /** For the graphs of this file. */
  readonly tensor: Tensor;

  constructor(tensor: Tensor) {
    this.tensor = tensor;
  }

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

export type Feeds = Readonly<Record<string, TensorValue | DeviceTensor>>;

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
  /** The graph with added nodes; without it, the graph is the one of the file. */
  readonly extended?: ExtendedGraph | undefined;
  /** Outputs that stay on the device, if it has memory of its own, by their names in the session. */
  readonly held?: readonly string[] | undefined;
  /**
   * Whether calls are padded to 1, 2, 4, 8 ... rows. By default on devices that compile or tune for each shape, which are
   * all but the CPU.
   */
  readonly padRows?: boolean;
}

export interface ExtendedGraph {
  /** The whole model. */
  bytes(): Promise<Uint8Array>;
  /** Changes with the added nodes. */
  readonly key: string;
  /** Inputs of the graph that added nodes feed. */
  readonly hidden: ReadonlyMap<string, TensorSpec>;
}

/**
 * A graph that is ready to run. Inputs and outputs that were added to it are called by their names without the prefix
 * and come before the graph's own of that name; `inputs` and `outputs` have the graph's own.
 */
export class Graph extends GraphSpecs {
  /** Whether outputs stay on the device; then they are read by `runHolding`. */
  readonly isHolding: boolean;
  readonly #session: InferenceSession;
  readonly #device: Device;
  readonly #padRows: boolean;
  readonly #addedInputs: ReadonlySet<string>;
  readonly #addedOutputs: ReadonlySet<string>;

  private constructor(path: string, session: InferenceSession, options: GraphOptions) {
    const { device, padRows, extended } = options;
    super(path, specsByName(session.inputMetadata, extended?.hidden), specsByName(session.outputMetadata));
    this.#session = session;
    this.#device = device;
    this.isHolding = heldBy(options).length > 0;
    this.#padRows = padRows ?? device !== 'cpu';
    this.#addedInputs = addedIn(session.inputNames);
    this.#addedOutputs = addedIn(session.outputNames);
  }

  /** @throws ModelError when the file is not a complete ONNX graph, or the device does not start */
  static async open(path: string, options: GraphOptions): Promise<Graph> {
    try {
      const settings = sessionOptions(path, options, await optimisationOf(path, options));
      return new Graph(path, await createSession(path, options, settings), options);
    } catch (error) {
      const cause = asDeviceFailure(error, options.device);
      if (cause instanceof DeviceFailure && cause.outOfMemory) {
        throw new ModelError(`${path}: ${cause.message}; one in half precision needs half`, { cause });
      }
      const why = await explainLoadFailure(path, cause);
      throw new ModelError(`${path} does not load on ${options.device}: ${why}`, { cause });
    }
  }

  /** Rows of a call for so many: more where the device compiles for each shape, and `input` does not fix them. */
  rowsOf(rows: number, input?: TensorSpec): number {
    return fixed(input?.shape[0]) ?? (this.#padRows ? 2 ** Math.ceil(Math.log2(rows)) : rows);
  }

  /**
   * Runs the graph for the outputs named. Blocks the calling thread.
   *
   * @throws ModelError when the graph cannot take what it is fed
   * @throws DeviceFailure when the device is out of memory, or lost
   */
  async run(feeds: Feeds, outputs: readonly string[]): Promise<TensorValue[]> {
    return (await this.#run(feeds, outputs)).map(valueOf);
  }

  /**
   * The same for a graph that holds outputs on the device.
   *
   * @param held names those that are wanted
   */
  async runHolding(
    feeds: Feeds,
    outputs: readonly string[],
    held: readonly string[],
  ): Promise<{ readonly values: TensorValue[]; readonly held: DeviceTensor[] }> {
    // The binding assigns locations by the place of an output among those that are fetched, so all are.
    const results = await this.#call(this.#fed(feeds), this.#session.outputNames);
    const resultOf = (name: string): Tensor => {
      const of = called(name, this.#addedOutputs);
      const tensor = results[of] as Tensor;
      delete (results as Record<string, unknown>)[of];
      return tensor;
    };
    const wanted = {
      values: outputs.map(resultOf).map(valueOf),
      held: held.map((name) => new DeviceTensor(resultOf(name))),
    };
    for (const tensor of Object.values(results)) (tensor as Tensor).dispose();
    return wanted;
  }

  async #run(feeds: Feeds, outputs: readonly string[]): Promise<Tensor[]> {
    const names = outputs.map((name) => called(name, this.#addedOutputs));
    const results = await this.#call(this.#fed(feeds), names);
    return names.map((name) => results[name] as Tensor);
  }

  #fed(feeds: Feeds): Record<string, Tensor> {
    const tensors = Object.entries(feeds).map(
      ([name, feed]) => [called(name, this.#addedInputs), tensorOf(feed)] as const,
    );
    return Object.fromEntries(tensors);
  }

  async #call(feeds: Record<string, Tensor>, outputs: readonly string[]): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds, outputs);
    } catch (error) {
      const cause = asDeviceFailure(error, this.#device);
      if (cause instanceof DeviceFailure) throw cause;
      const shapes = Object.entries(feeds).map(([name, { dims }]) => `${name.replace(ADDED, '')} [${dims.join(', ')}]`);
      const why = await explainLoadFailure(this.path, cause);
      throw new ModelError(`${this.name} does not run on ${shapes.join(', ')}: ${why}`, { cause });
    }
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

async function optimisationOf(path: string, { optimisation, ...options }: GraphOptions): Promise<Optimisation> {
  if (optimisation) return optimisation;
  const { device, optimised } = options;
  if (optimised) return optimised.mode === 'read' ? 'disabled' : 'all';
  if (device !== 'cpu') return 'all';
  const bytes = await graphBytes(path).catch(() => 0);
  return bytes > LARGE_BYTES ? 'basic' : 'all';
}

async function createSession(
  path: string,
  { optimised, extended }: GraphOptions,
  settings: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  if (optimised?.mode === 'read') return Session.create(optimised.file, settings);
  return extended ? Session.create(await extended.bytes(), settings) : Session.create(path, settings);
}

function heldBy({ device, held = [] }: GraphOptions): readonly string[] {
  return device === 'webgpu' ? held : [];
}

function sessionOptions(
  path: string,
  options: GraphOptions,
  optimisation: Optimisation,
): InferenceSession.SessionOptions {
  const { device, deviceId, threads, optimised, extended } = options;
  const held = heldBy(options).map((name) => [name, 'gpu-buffer'] as const);
  // Weights beside the graph are then looked for where the graph would lie.
  const isFromBytes = extended !== undefined && optimised?.mode !== 'read';
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
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        ...(isFromBytes && { model_external_initializers_file_folder_path: dirname(path) }),
        ...(optimised?.mode === 'write' && WEIGHTS_BESIDE),
      },
    },
    ...(held.length > 0 && { preferredOutputLocation: Object.fromEntries(held) }),
    ...(optimised?.mode === 'write' && { optimizedModelFilePath: optimised.file }),
  };
}

/** A graph file is limited to 2 GB, and weights beside it are mapped, not read. */
const WEIGHTS_BESIDE = { optimized_model_external_initializers_file_name: 'model.onnx_data' };

function addedIn(names: readonly string[]): Set<string> {
  return new Set(names.filter((name) => name.startsWith(ADDED)));
}

/** The name in the session of an input or output that callers name so. */
function called(name: string, added: ReadonlySet<string>): string {
  return added.has(ADDED + name) ? ADDED + name : name;
}

/** The graph's own inputs or outputs. For callers, all that are converted are in single precision. */
function specsByName(
  metadata: readonly InferenceSession.ValueMetadata[],
  hidden: ReadonlyMap<string, TensorSpec> = new Map(),
): Map<string, TensorSpec> {
  const specs = new Map(hidden);
  const tensors = metadata.filter((value) => value.isTensor);
  for (const { name, type, shape } of tensors.filter((one) => !one.name.startsWith(ADDED))) {
    specs.set(name, { name, type: type as ElementType, shape });
  }
  for (const { name, type } of tensors) {
    const own = specs.get(name.replace(ADDED, ''));
    if (own && type === 'float32') specs.set(own.name, { ...own, type });
  }
  return specs;
}

/**
 * The fields of a tensor that the binding reads. The class itself would turn the bits of half-precision numbers into a Float16Array
 * where Node has one, from 24 on, and the binding takes only a Uint16Array (microsoft/onnxruntime#26791).
 */
function tensorOf(feed: TensorValue | DeviceTensor): Tensor {
  if (feed instanceof DeviceTensor) return feed.tensor;
  const { type, data, shape: dims } = feed;
  return { type, data, dims, location: 'cpu' } as unknown as Tensor;
}

function valueOf({ type, data, dims }: Tensor): TensorValue {
  const array = data as ElementData;
  // From Node 24 on half-precision numbers come out as a Float16Array.
  const bits = type === 'float16' ? new Uint16Array(array.buffer, array.byteOffset, array.length) : array;
  return { type: type as ElementType, data: bits, shape: dims };
}
