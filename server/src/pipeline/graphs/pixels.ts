import { float16Table, toFloat16Bits } from './float16.js';
import { toFloats } from './tensor.js';
import type { ElementType, TensorValue } from './ort.js';

/*
 * Converts pictures between RGB bytes, pixel after pixel, and the planes of numbers that models read.
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

const UNIT_OF_BYTE = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
const UNIT_HALF_OF_BYTE = Uint16Array.from(UNIT_OF_BYTE, toFloat16Bits);
const FLOAT_OF_BYTE = Float32Array.from({ length: 256 }, (_, byte) => 2 * Math.fround(byte / 255) - 1);
const HALF_OF_BYTE = Uint16Array.from(FLOAT_OF_BYTE, toFloat16Bits);

/**
 * @param pictures RGB, `height * width * 3` bytes each
 * @returns [B, 3, height, width] in -1..1
 * @throws RangeError when a picture has another size
 */
export function pixelsToTensor(pictures: readonly Uint8Array[], size: Size, type: ElementType): TensorValue {
  const { width, height } = size;
  const half = type === 'float16';
  const length = 3 * width * height;
  const data = half ? new Uint16Array(pictures.length * length) : new Float32Array(pictures.length * length);
  const table = half ? HALF_OF_BYTE : FLOAT_OF_BYTE;
  for (const [row, picture] of pictures.entries()) {
    fillPlanes(data.subarray(row * length, (row + 1) * length), picture, { size, table });
  }
  return { type: half ? 'float16' : 'float32', data, shape: [pictures.length, 3, height, width] };
}

/**
 * @param picture RGB, `height * width * 3` bytes
 * @returns [3, height, width] in 0..1
 * @throws RangeError when the picture has another size
 */
export function pixelsToUnitTensor(picture: Uint8Array, size: Size, type: ElementType): TensorValue {
  const { width, height } = size;
  const half = type === 'float16';
  const length = 3 * width * height;
  const data = half ? new Uint16Array(length) : new Float32Array(length);
  fillPlanes(data, picture, { size, table: half ? UNIT_HALF_OF_BYTE : UNIT_OF_BYTE });
  return { type: half ? 'float16' : 'float32', data, shape: [3, height, width] };
}

interface PlanesOptions {
  readonly size: Size;
  /** The number for each byte. */
  readonly table: Float32Array | Uint16Array;
}

/** Writes a picture as planes of red, green and blue. */
function fillPlanes(planes: Float32Array | Uint16Array, picture: Uint8Array, { size, table }: PlanesOptions): void {
  const { width, height } = size;
  const plane = width * height;
  if (picture.length !== 3 * plane) {
    throw new RangeError(`a picture of ${picture.length} bytes where ${width} x ${height} x 3 was expected`);
  }
  const blue = 2 * plane;
  for (let i = 0, p = 0; i < plane; i++, p += 3) {
    planes[i] = table[picture[p]!]!;
    planes[plane + i] = table[picture[p + 1]!]!;
    planes[blue + i] = table[picture[p + 2]!]!;
  }
}

/**
 * x / 2 + 0.5, clamped, in bytes; halves go to the even one, as numpy rounds.
 *
 * @param tensor [B, 3, height, width] in -1..1
 * @returns RGB, `height * width * 3` bytes each; undefined where not all numbers are finite, which bytes would hide
 */
export function tensorToPixels(tensor: TensorValue): (Uint8Array<ArrayBuffer> | undefined)[] {
  const [rows = 0, , height = 0, width = 0] = tensor.shape;
  const half = tensor.type === 'float16';
  const planes = half ? (tensor.data as Uint16Array) : toFloats(tensor);
  const size = 3 * width * height;
  return Array.from({ length: rows }, (_, row) => {
    const rgb = planes.subarray(row * size, (row + 1) * size);
    return half ? interleaveHalves(rgb, byteOfHalf()) : interleaveFloats(rgb as Float32Array);
  });
}

function interleaveFloats(planes: Float32Array): Uint8Array<ArrayBuffer> | undefined {
  const plane = planes.length / 3;
  // This array's own stores clamp and round half to even.
  const out = new Uint8ClampedArray(planes.length);
  // Finite only if every number is.
  let sum = 0;
  for (let i = 0, p = 0; i < plane; i++, p += 3) {
    const red = planes[i]!;
    const green = planes[plane + i]!;
    const blue = planes[2 * plane + i]!;
    out[p] = red * 127.5 + 127.5;
    out[p + 1] = green * 127.5 + 127.5;
    out[p + 2] = blue * 127.5 + 127.5;
    sum += red + green + blue;
  }
  return Number.isFinite(sum) ? new Uint8Array(out.buffer) : undefined;
}

function interleaveHalves(planes: Float32Array | Uint16Array, table: Uint16Array): Uint8Array<ArrayBuffer> | undefined {
  const plane = planes.length / 3;
  const out = new Uint8Array(planes.length);
  let seen = 0;
  for (let i = 0, p = 0; i < plane; i++, p += 3) {
    const red = table[planes[i]!]!;
    const green = table[planes[plane + i]!]!;
    const blue = table[planes[2 * plane + i]!]!;
    out[p] = red;
    out[p + 1] = green;
    out[p + 2] = blue;
    seen |= red | green | blue;
  }
  return seen < NOT_FINITE ? out : undefined;
}

/** Marks numbers in the table below that are not finite; greater than every byte. */
const NOT_FINITE = 256;

let bytes: Uint16Array | undefined;

/** The byte of every half-precision number: one look-up a pixel instead of a conversion. */
function byteOfHalf(): Uint16Array {
  bytes ??= Uint16Array.from(float16Table(), (value) =>
    Number.isFinite(value) ? Uint8ClampedArray.of(value * 127.5 + 127.5)[0]! : NOT_FINITE,
  );
  return bytes;
}
