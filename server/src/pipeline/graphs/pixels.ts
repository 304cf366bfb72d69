import { float16Table, toFloat16Bits } from './float16.js';
import { toFloats } from './tensor.js';
import type { ElementType, TensorValue } from './ort.js';

/*
 * Pictures as people see them (RGB bytes, pixel after pixel) to and from pictures as models see them
 * (planes of numbers in -1..1).
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

const FLOAT_OF_BYTE = Float32Array.from({ length: 256 }, (_, byte) => 2 * Math.fround(byte / 255) - 1);
const HALF_OF_BYTE = Uint16Array.from(FLOAT_OF_BYTE, toFloat16Bits);

/**
 * @param pictures RGB, `height * width * 3` bytes each
 * @returns [B, 3, height, width] in -1..1
 */
export function pixelsToTensor(
  pictures: readonly Uint8Array[],
  { width, height }: Size,
  type: ElementType,
): TensorValue {
  const plane = width * height;
  const half = type === 'float16';
  const data = half ? new Uint16Array(pictures.length * 3 * plane) : new Float32Array(pictures.length * 3 * plane);
  const table = half ? HALF_OF_BYTE : FLOAT_OF_BYTE;
  for (const [row, picture] of pictures.entries()) {
    if (picture.length !== 3 * plane) {
      throw new RangeError(`a picture of ${picture.length} bytes where ${width} x ${height} x 3 was expected`);
    }
    const red = row * 3 * plane;
    const green = red + plane;
    const blue = green + plane;
    for (let i = 0, p = 0; i < plane; i++, p += 3) {
      data[red + i] = table[picture[p]!]!;
      data[green + i] = table[picture[p + 1]!]!;
      data[blue + i] = table[picture[p + 2]!]!;
    }
  }
  return { type: half ? 'float16' : 'float32', data, shape: [pictures.length, 3, height, width] };
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

/** Stands in the table below for numbers that are no colour; beyond every byte. */
const NOT_FINITE = 256;

let bytes: Uint16Array | undefined;

/** The byte of every half-precision number: one look-up a pixel instead of a conversion. */
function byteOfHalf(): Uint16Array {
  bytes ??= Uint16Array.from(float16Table(), (value) =>
    Number.isFinite(value) ? Uint8ClampedArray.of(value * 127.5 + 127.5)[0]! : NOT_FINITE,
  );
  return bytes;
}
