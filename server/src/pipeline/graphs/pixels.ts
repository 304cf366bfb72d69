import type { Addition, AddedNode } from '../onnx/addition.js';
import type { TensorSpec } from './graph-specs.js';
import type { TensorValue } from './ort.js';

/*
 * Nodes that convert pictures between bytes, RGB pixel after pixel, and the planes of numbers that models read.
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param picture RGB, `height * width * 3` bytes
 * @throws RangeError when the picture has another size
 */
export function pictureTensor(picture: Uint8Array, { width, height }: Size): TensorValue {
  if (picture.length === 3 * width * height) return { type: 'uint8', data: picture, shape: [height, width, 3] };
  throw new RangeError(`a picture of ${picture.length} bytes where ${width} x ${height} x 3 was expected`);
}

const TO_PLANES = [0, 3, 1, 2];
const TO_PIXELS = [0, 2, 3, 1];

/** Feeds an input that takes planes in 0..1 from bytes [B, height, width, 3], which have its name for callers. */
export function feedSketch(spec: TensorSpec, added: Addition): void {
  const [rows = '', , height = '', width = ''] = spec.shape;
  added.feed(spec, planes(added, added.input(spec.name, 'uint8', [rows, height, width, 3]), 1 / 255));
}

/**
 * @param pictures bytes [B, height, width, 3]
 * @returns [B, 3, height, width] in -1..1
 */
export function signedPlanes(added: Addition, pictures: string): string {
  return added.node('Sub', [planes(added, pictures, 2 / 255), added.floats([1])]);
}

/** Bytes are moved, not numbers of four bytes, and converted in one pass. */
function planes(added: Addition, pictures: string, step: number): string {
  const bytes = added.node('Transpose', [pictures], { perm: TO_PLANES });
  return added.node('DequantizeLinear', [bytes, added.floats([step]), added.zeroByte()]);
}

/** 1 / 127.5, a little less: 0 stands for 127.5, which must not come out below the half. */
const LEVEL = Math.fround(1 / 127.5) - 2 ** -30;

/**
 * x / 2 + 0.5, clamped, in bytes; halves go to the even one, as numpy rounds.
 *
 * @param values [B, 3, height, width] in -1..1
 * @returns the node that gives bytes [B, height, width, 3]
 */
export function pixels(added: Addition, values: string): AddedNode {
  const raised = added.node('Add', [values, added.floats([1])]);
  const bytes = added.node('QuantizeLinear', [raised, added.floats([LEVEL]), added.zeroByte()]);
  return { operator: 'Transpose', inputs: [bytes], attributes: { perm: TO_PIXELS } };
}

/** The mean of each channel of each row: finite only if all its numbers are. */
export function channelMeans(values: string): AddedNode {
  return { operator: 'GlobalAveragePool', inputs: [values] };
}
