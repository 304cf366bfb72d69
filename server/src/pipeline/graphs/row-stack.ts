import type { ElementData, TensorValue } from './ort.js';

/** Inputs of one row of a batch, by name. Shapes are without the batch dimension. */
export type RowInputs = Readonly<Record<string, TensorValue>>;

interface Kept {
  readonly buffer: ElementData;
  /** The data in each row. */
  readonly rows: ElementData[];
}

/**
 * Stacks tensors of single rows into one of a batch, in memory that is kept from call to call. Rows that are already there
 * are not copied again, so they must not be written to.
 */
export class RowStack {
  readonly #kept = new Map<string, Kept>();

  /**
   * @param name names the memory: one buffer is kept for each
   * @param rows tensors of one shape, without the batch dimension
   * @param count rows of the result; those beyond `rows` hold old values
   */
  stack(name: string, rows: readonly TensorValue[], count: number): TensorValue {
    const [first] = rows as readonly [TensorValue];
    const { type, data } = first;
    const shape = [count, ...first.shape];
    const { length } = data;
    const whole = rows.length === count ? together(rows) : undefined;
    if (whole) return { type, data: whole, shape };
    const kept = this.#keep(name, data, count * length);
    for (const [i, row] of rows.entries()) {
      if (kept.rows[i] === row.data) continue;
      kept.buffer.set(row.data as never, i * length);
      kept.rows[i] = row.data;
    }
    return { type, data: kept.buffer.subarray(0, count * length), shape };
  }

  #keep(name: string, like: ElementData, length: number): Kept {
    const found = this.#kept.get(name);
    const isFitting = found?.buffer.constructor === like.constructor && found.rows[0]?.length === like.length;
    if (isFitting && found.buffer.length >= length) return found;
    const buffer = new (like.constructor as new (length: number) => ElementData)(length);
    const kept = { buffer, rows: [] };
    this.#kept.set(name, kept);
    return kept;
  }
}

/** The rows as one array if they follow each other in memory, as the rows of an earlier result do. */
function together(rows: readonly TensorValue[]): ElementData | undefined {
  const [{ data: first }] = rows as readonly [TensorValue];
  const { buffer, byteOffset, byteLength, length } = first;
  const follows = ({ data }: TensorValue, i: number): boolean =>
    data.buffer === buffer && data.byteOffset === byteOffset + i * byteLength && data.length === length;
  if (!rows.every(follows)) return undefined;
  const All = first.constructor as new (memory: ArrayBufferLike, offset: number, length: number) => ElementData;
  return rows.length === 1 ? first : new All(buffer, byteOffset, rows.length * length);
}
