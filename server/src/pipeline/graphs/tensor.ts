import { fromFloat16, toFloat16 } from './float16.js';
import type { ElementType, TensorValue } from './ort.js';
import { ModelError } from '../errors.js';

/** A tensor of `type` with these values. Single precision is passed on without copying, other types are converted. */
export function floatTensor(type: ElementType, data: Float32Array, shape: readonly number[]): TensorValue {
  if (type === 'float32') return { type, data, shape };
  if (type === 'float16') return { type, data: toFloat16(data), shape };
  if (type === 'float64') return { type, data: Float64Array.from(data), shape };
  throw new ModelError(`a graph wants numbers of type ${type} where float32, float16 or float64 was expected`);
}

/** A tensor of `type`, of whole numbers or floats, with these whole numbers. */
export function integerTensor(type: ElementType, values: readonly number[], shape: readonly number[]): TensorValue {
  if (type === 'int64') return { type, data: BigInt64Array.from(values, BigInt), shape };
  if (type === 'int32') return { type, data: Int32Array.from(values), shape };
  return floatTensor(type, Float32Array.from(values), shape);
}

/** The values in single precision; copied only if they are not. */
export function toFloats({ type, data }: TensorValue): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16') return fromFloat16(data as Uint16Array);
  return Float32Array.from(data as Float64Array);
}

/** Whether all values are finite. */
export function finite(values: Float32Array): boolean {
  // A sum in double precision is finite only if every part is. A bare loop, as every picture is checked.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum);
}

/** Cuts a batch along its first axis, without copying. */
export function rowsOf(data: Float32Array, rows: number): Float32Array[] {
  const size = data.length / rows;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * size, (row + 1) * size));
}
