import type { ElementType } from './graph-specs.js';
import type { TensorValue } from './ort.js';

/** Numbers in single precision, as all graphs take and give them. */
export function floatTensor(data: Float32Array, shape: readonly number[]): TensorValue {
  return { type: 'float32', data, shape };
}

/** A tensor of `type`, of whole numbers or in single precision, with these whole numbers. */
export function integerTensor(type: ElementType, values: readonly number[], shape: readonly number[]): TensorValue {
  if (type === 'int64') return { type, data: BigInt64Array.from(values, BigInt), shape };
  if (type === 'int32') return { type, data: Int32Array.from(values), shape };
  return floatTensor(Float32Array.from(values), shape);
}

/** The numbers of a tensor that is in single precision. */
export function floatsOf({ type, data }: TensorValue): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError(`numbers of type ${type} where single precision was expected`);
}

/** Whether all values are finite. */
export function finite(values: Float32Array): boolean {
  // A sum in double precision is finite only if every part is. A bare loop, as every prompt is checked.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum);
}

/** Cuts a batch along its first axis, without copying. */
export function rowsOf(batch: TensorValue): Float32Array[] {
  const data = floatsOf(batch);
  const [rows = 1] = batch.shape;
  const size = data.length / rows;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * size, (row + 1) * size));
}

/** Whether the numbers of each row are finite. */
export function finiteRows(batch: TensorValue): boolean[] {
  return rowsOf(batch).map(finite);
}

/** The pictures of a batch, each in memory of its own, which can move to another thread. */
export function pixelRowsOf({ data, shape }: TensorValue): Uint8Array<ArrayBuffer>[] {
  const bytes = data as Uint8Array<ArrayBuffer>;
  const [rows = 1] = shape;
  const size = bytes.length / rows;
  return Array.from({ length: rows }, (_, row) => bytes.slice(row * size, (row + 1) * size));
}
