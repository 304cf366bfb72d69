import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Mark } from '../drawing/marks.js';
import type { Matrix } from '../drawing/matrix.js';

export type Placement = Pick<Mark, 'id' | 'layer' | 'matrix'>;

const ID = 1;
const LAYER = 2;
const MATRIX = 4;

/** Whether a mark has anything to encode here. */
export function isPlaced({ id, layer, matrix }: Placement): boolean {
  return id !== undefined || layer !== undefined || matrix !== undefined;
}

/** Writes what a mark has besides its look. The numbers of a matrix are rounded to 32 bits. */
export function writePlacement(to: encoding.Encoder, { id, layer, matrix }: Placement): void {
  const flag = (value: unknown, bit: number) => (value === undefined ? 0 : bit);
  encoding.writeUint8(to, flag(id, ID) | flag(layer, LAYER) | flag(matrix, MATRIX));
  if (id !== undefined) encoding.writeVarUint(to, id);
  if (layer !== undefined) encoding.writeVarUint(to, layer);
  for (const value of matrix ?? []) encoding.writeFloat32(to, value);
}

/** @throws RangeError for numbers that are not finite */
export function readPlacement(from: decoding.Decoder): Placement {
  const flags = decoding.readUint8(from);
  return {
    ...((flags & ID) !== 0 && { id: decoding.readVarUint(from) }),
    ...((flags & LAYER) !== 0 && { layer: decoding.readVarUint(from) }),
    ...((flags & MATRIX) !== 0 && { matrix: readMatrix(from) }),
  };
}

function readMatrix(from: decoding.Decoder): Matrix {
  const values = Array.from({ length: 6 }, () => decoding.readFloat32(from));
  if (!values.every(Number.isFinite)) throw new RangeError('a matrix has a number that is not finite');
  return values as unknown as Matrix;
}
