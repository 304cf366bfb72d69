import { readFile } from 'node:fs/promises';
import { ModelError } from '../../pipeline/errors.js';

/** An array as numpy saves it. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array | BigInt64Array;
}

const MAGIC = '\x93NUMPY';

/**
 * Reads a `.npy` file, version 1 or 2: little-endian, C order.
 *
 * @throws ModelError when it is missing, cut short, or of another type
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new ModelError(`${path} is missing`, { cause });
  });
  if (file.toString('latin1', 0, 6) !== MAGIC) throw new ModelError(`${path} is not a .npy file`);
  const wide = file[6]! >= 2;
  const start = wide ? 12 : 10;
  const end = start + (wide ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const header = file.toString('latin1', start, end);
  const type = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const dimensions = /'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '';
  const shape = dimensions.split(',').map(Number).filter(Boolean);
  // Copied, so that the numbers start where their type may start.
  const bytes = Uint8Array.from(file.subarray(end)).buffer;
  const data = viewOf(bytes, type);
  if (!data || header.includes("'fortran_order': True"))
    throw new ModelError(`${path}: arrays of ${type} are not read`);
  if (data.length !== shape.reduce((product, size) => product * size, 1)) throw new ModelError(`${path} is cut short`);
  return { shape, data };
}

/** The same, for arrays that are single-precision floats or shall become some. */
export async function readFloats(path: string): Promise<Float32Array> {
  const { data } = await readNpy(path);
  return data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
}

function viewOf(bytes: ArrayBuffer, type: string): NpyArray['data'] | undefined {
  if (type === '<f4') return new Float32Array(bytes);
  if (type === '<f8') return new Float64Array(bytes);
  if (type === '|u1') return new Uint8Array(bytes);
  if (type === '<i8') return new BigInt64Array(bytes);
  return undefined;
}

const DESCRIPTIONS = {
  float32: '<f4',
  float16: '<f2',
  float64: '<f8',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  bool: '|b1',
} as const;
export type NpyType = keyof typeof DESCRIPTIONS;
/** The header is padded to a multiple of this. */
const ALIGNMENT = 64;

/** The bytes of a `.npy` file, version 1. */
export function npyOf(type: NpyType, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const header = `{'descr': '${DESCRIPTIONS[type]}', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join('')}), }`;
  const length = Math.ceil((MAGIC.length + 4 + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = Buffer.alloc(length + data.byteLength, ' ');
  file.write(`${MAGIC}\x01\x00`, 'latin1');
  file.writeUInt16LE(length - MAGIC.length - 4, MAGIC.length + 2);
  file.write(header, MAGIC.length + 4, 'latin1');
  file.write('\n', length - 1);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return file;
}
