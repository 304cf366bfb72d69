import { writeOnnx, type GraphDescription, type Initializer } from './onnx-writer.js';

/*
 * A decoder in int8, in the form that ONNX Runtime's tools write: a product between a QuantizeLinear and a
 * DequantizeLinear, with unsigned values and signed weights. Every pixel is a multiple of the first three latents.
 */

const FACTOR = 8;
/** Latents are steps of 1/16 from -8 to 7.94, and the picture is half of them. */
const LATENT_STEP = 1 / 16;
const PICTURE_STEP = 1 / 32;
const GAIN = 0.5;

function scalar(name: string, value: number): Initializer {
  return { name, type: 'float32', shape: [], data: new Uint8Array(Float32Array.of(value).buffer) };
}

function zeroPoint(name: string): Initializer {
  return { name, type: 'uint8', shape: [], data: Uint8Array.of(128) };
}

const DESCRIPTION: GraphDescription = {
  inputs: [{ name: 'latent_sample', type: 'float32', shape: ['batch', 4, 'height', 'width'] }],
  outputs: [{ name: 'sample', type: 'float32', shape: ['batch', 3, 'high', 'wide'] }],
  initializers: [
    scalar('latent_step', LATENT_STEP),
    zeroPoint('latent_zero'),
    scalar('picture_step', PICTURE_STEP),
    zeroPoint('picture_zero'),
    {
      name: 'weight_int8',
      type: 'int8',
      shape: [3, 4, 1, 1],
      data: Uint8Array.of(64, 0, 0, 0, 0, 64, 0, 0, 0, 0, 64, 0),
    },
    scalar('weight_step', GAIN / 64),
    { name: 'weight_zero', type: 'int8', shape: [], data: Uint8Array.of(0) },
    { name: 'sizes', type: 'float32', shape: [4], data: new Uint8Array(Float32Array.of(1, 1, FACTOR, FACTOR).buffer) },
  ],
  nodes: [
    { operator: 'QuantizeLinear', inputs: ['latent_sample', 'latent_step', 'latent_zero'], outputs: ['x_int8'] },
    { operator: 'DequantizeLinear', inputs: ['x_int8', 'latent_step', 'latent_zero'], outputs: ['x'] },
    { operator: 'DequantizeLinear', inputs: ['weight_int8', 'weight_step', 'weight_zero'], outputs: ['weight'] },
    { operator: 'Conv', inputs: ['x', 'weight'], outputs: ['y'] },
    { operator: 'QuantizeLinear', inputs: ['y', 'picture_step', 'picture_zero'], outputs: ['y_int8'] },
    { operator: 'DequantizeLinear', inputs: ['y_int8', 'picture_step', 'picture_zero'], outputs: ['small'] },
    { operator: 'Resize', inputs: ['small', '', 'sizes'], outputs: ['sample'] },
  ],
};

/** The bytes of its `model_int8.onnx`. */
export function int8Decoder(): Uint8Array {
  return writeOnnx(DESCRIPTION);
}
