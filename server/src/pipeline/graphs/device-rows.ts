import { ADDED } from '../onnx/addition.js';
import { openPassing, type Extension } from './extended-graph.js';
import type { TensorSpec } from './graph-specs.js';
import type { DeviceTensor, Graph, GraphOptions, TensorValue } from './ort.js';
import { integerTensor, rowsOf } from './tensor.js';

/*
 * Where the device has memory of its own, latents stay there between two steps. Rows that continue together in the same
 * order are fed as they are; others are put together on the device.
 */

/** A result of several rows that stays on the device until each of them has been used. */
class DeviceBatch {
  readonly tensor: DeviceTensor;
  #left: number;

  constructor(tensor: DeviceTensor, rows: number) {
    this.tensor = tensor;
    this.#left = rows;
  }

  release(): void {
    this.#left -= 1;
    if (this.#left === 0) this.tensor.dispose();
  }
}

/** A row of such a result. If it is never released, as that of a cancelled sample, its memory is freed with the object. */
export class DeviceRow {
  readonly batch: DeviceBatch;
  readonly index: number;

  constructor(batch: DeviceBatch, index: number) {
    this.batch = batch;
    this.index = index;
  }

  release(): void {
    this.batch.release();
  }
}

/** @param indices of the rows that will be used, each once */
export function rowsOnDevice(tensor: DeviceTensor, indices: readonly number[]): Map<number, DeviceRow> {
  const batch = new DeviceBatch(tensor, indices.length);
  return new Map(indices.map((index) => [index, new DeviceRow(batch, index)]));
}

/** Latents of one sample. */
export type Latents = Float32Array | DeviceRow;

/** @throws Error when they are on the device */
export function latentsInMemory(latents: Latents): Float32Array {
  if (latents instanceof DeviceRow) throw new Error('the latents stay on the device until the last step');
  return latents;
}

/** Rows for one call, to be freed after it. */
export interface Gathered {
  readonly value: DeviceTensor | TensorValue;
  free(): void;
}

const float = (name: string, rows: string): TensorSpec => ({
  name,
  type: 'float32',
  shape: [rows, 'channels', 'height', 'width'],
});
const rowNumbers: TensorSpec = { name: 'numbers', type: 'int64', shape: ['taken'] };

/** Rows of two batches, by their numbers, those of the second batch after those of the first. */
const READ: Extension = {
  check: () => undefined,
  extend(specs, added) {
    const both = ['one', 'other'].map((name) => specs.input(name).name);
    const all = added.node('Concat', both, { axis: 0 });
    added.output(float('taken', 'taken'), { operator: 'Gather', inputs: [all, specs.input('numbers').name] });
    return [];
  },
};

/** The same, where they stay on the device. */
const TAKE: Extension = { ...READ, held: () => [ADDED + 'taken'] };

/** Puts rows of several results together on the device, and reads rows of one. */
export class DeviceRows {
  readonly #take: Graph;
  readonly #read: Graph;

  private constructor(take: Graph, read: Graph) {
    this.#take = take;
    this.#read = read;
  }

  static async open(options: GraphOptions): Promise<DeviceRows> {
    const inputs = [float('one', 'ones'), float('other', 'others'), rowNumbers];
    const graph = { name: 'rows', inputs, passed: 'numbers', output: { ...rowNumbers, name: 'passed' } };
    return new DeviceRows(await openPassing(graph, TAKE, options), await openPassing(graph, READ, options));
  }

  /** Copies rows into the memory of the machine: a result that stays on the device cannot be read itself. */
  async read(tensor: DeviceTensor, indices: readonly number[]): Promise<Map<number, Float32Array>> {
    if (indices.length === 0) return new Map();
    const [rows] = await this.#read.run(feedsOf(tensor, tensor, indices), ['taken']);
    const taken = rowsOf(rows!);
    return new Map(indices.map((index, i) => [index, taken[i]!]));
  }

  /**
   * @param loose stacks the latents that are not on the device
   * @param count rows of the result; those beyond `latents` repeat the first
   */
  async gather(
    latents: readonly Latents[],
    loose: (rows: readonly Float32Array[]) => TensorValue,
    count: number,
  ): Promise<Gathered> {
    const held = latents.filter((one) => one instanceof DeviceRow);
    const others = latents.filter((one) => one instanceof Float32Array);
    const batches = [...new Set(held.map(({ batch }) => batch))];
    const [first] = batches;
    const isAsItIs = batches.length === 1 && held.every(({ index }, i) => latents[i] === held[i] && index === i);
    if (isAsItIs && others.length === 0 && first!.tensor.shape[0] === count) {
      return { value: first!.tensor, free: () => undefined };
    }
    const sources = [...batches.map(({ tensor }) => tensor), ...(others.length > 0 ? [loose(others)] : [])];
    const numbers = numbersOf(latents, batches);
    while (numbers.length < count) numbers.push(numbers[0]!);
    return this.#join(sources, numbers);
  }

  async #join(sources: readonly (DeviceTensor | TensorValue)[], numbers: readonly number[]): Promise<Gathered> {
    const [first, ...rest] = sources as [DeviceTensor | TensorValue, ...(DeviceTensor | TensorValue)[]];
    const last = rest.pop() ?? first;
    let joined: Gathered = { value: first, free: () => undefined };
    for (const source of rest) {
      const rows = joined.value.shape[0]! + source.shape[0]!;
      const next = await this.#taken(joined.value, source, [...Array(rows).keys()]);
      joined.free();
      joined = next;
    }
    const taken = await this.#taken(joined.value, last, numbers);
    joined.free();
    return taken;
  }

  async #taken(
    one: DeviceTensor | TensorValue,
    other: DeviceTensor | TensorValue,
    numbers: readonly number[],
  ): Promise<Gathered> {
    const { held } = await this.#take.runHolding(feedsOf(one, other, numbers), [], ['taken']);
    return { value: held[0]!, free: () => held[0]!.dispose() };
  }

  async dispose(): Promise<void> {
    await this.#take.dispose();
    await this.#read.dispose();
  }
}

function feedsOf(
  one: DeviceTensor | TensorValue,
  other: DeviceTensor | TensorValue,
  numbers: readonly number[],
): Record<string, DeviceTensor | TensorValue> {
  return { one, other, numbers: integerTensor('int64', numbers, [numbers.length]) };
}

/** Where each sample's latents are among the rows of the batches and, after them, the loose ones. */
function numbersOf(latents: readonly Latents[], batches: readonly DeviceBatch[]): number[] {
  const starts = new Map<DeviceBatch, number>();
  let rows = 0;
  for (const batch of batches) {
    starts.set(batch, rows);
    rows += batch.tensor.shape[0]!;
  }
  return latents.map((one) => (one instanceof DeviceRow ? starts.get(one.batch)! + one.index : rows++));
}
