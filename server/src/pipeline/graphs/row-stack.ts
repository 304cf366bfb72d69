import type { ElementData, TensorValue } from './ort.js';

/** Inputs of one row of a batch, by name. Shapes are without the batch dimension. */
export type RowInputs = Readonly<Record<string, TensorValue>>;

/** Stacks tensors of single rows into one of a batch, in memory that is kept from call to call. */
export class RowStack {
  readonly #buffers = new Map<string, ElementData>();

  /**
   * @param name names the memory: one buffer is kept for each
   * @param rows tensors of one shape, without the batch dimension
   * @param count rows of the result; those beyond `rows` hold old values
   */
  stack(name: string, rows: readonly TensorValue[], count: number): TensorValue {
    const [first] = rows as readonly [TensorValue];
    const { type, data } = first;
    const shape = [count, ...first.shape];
    if (count === 1) return { type, data, shape };
    const stacked = this.#buffer(name, data, count * data.length);
    for (const [i, row] of rows.entries()) stacked.set(row.data as never, i * data.length);
    return { type, data: stacked, shape };
  }

  #buffer(name: string, like: ElementData, length: number): ElementData {
    let buffer = this.#buffers.get(name);
    if (!buffer || buffer.length < length || buffer.constructor !== like.constructor) {
      buffer = new (like.constructor as new (length: number) => ElementData)(length);
      this.#buffers.set(name, buffer);
    }
    return buffer.subarray(0, length);
  }
}
