import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onnxGraph, type Node, type SmallGraph } from './onnx-graph.js';

/*
 * Graphs that return not-a-number if their input is large, as in half precision. They do nothing else, so pictures pass
 * almost unchanged.
 */

const LARGEST = 3.4e38;

/** `output` is `input` below `limit`, and not-a-number above it. */
function overflowing(input: string, output: string): Node[] {
  return [
    { op: 'Mul', inputs: [input, 'to-limit'], output: `${output}-large` },
    { op: 'Sub', inputs: [`${output}-large`, `${output}-large`], output: `${output}-nothing` },
    { op: 'Add', inputs: [input, `${output}-nothing`], output },
  ];
}

const PIXELS = { type: 'float32', shape: ['batch', 3, 'height', 'width'] } as const;
const LATENTS = { type: 'float32', shape: ['batch', 4, 'height', 'width'] } as const;

/** Red, green, blue and red again as latents, `gain` times as large. */
function encoder(gain: number, limit: number): SmallGraph {
  return {
    inputs: { sample: PIXELS },
    outputs: { latent_sample: LATENTS },
    nodes: [
      { op: 'Gather', inputs: ['sample', 'channels'], output: 'four', attributes: { axis: 1 } },
      { op: 'Mul', inputs: ['four', 'gain'], output: 'scaled' },
      ...overflowing('scaled', 'latent_sample'),
    ],
    constants: { channels: [0, 1, 2, 0], gain, 'to-limit': LARGEST / limit },
  };
}

function decoder(limit: number): SmallGraph {
  return {
    inputs: { latent_sample: LATENTS },
    outputs: { sample: PIXELS },
    nodes: [
      { op: 'Gather', inputs: ['latent_sample', 'channels'], output: 'three', attributes: { axis: 1 } },
      ...overflowing('three', 'sample'),
    ],
    constants: { channels: [0, 1, 2], 'to-limit': LARGEST / limit },
  };
}

/** Returns its latents and ignores all other inputs. */
function unet(limit: number): SmallGraph {
  return {
    inputs: {
      sample: LATENTS,
      timestep: { type: 'float32', shape: ['batch'] },
      encoder_hidden_states: { type: 'float32', shape: ['batch', 'tokens', 'width'] },
    },
    outputs: { out_sample: LATENTS },
    nodes: overflowing('sample', 'out_sample'),
    constants: { 'to-limit': LARGEST / limit },
  };
}

export interface Limits {
  /** The encoder's output for full white. */
  readonly gain?: number;
  readonly encoder?: number;
  readonly unet?: number;
  readonly decoder?: number;
}

/** Puts such graphs into a model folder. Without a limit, a graph never overflows in the tests. */
export async function putOverflowing(dir: string, limits: Limits): Promise<void> {
  const { gain = 1, encoder: encoderLimit = 1e9, unet: unetLimit = 1e9, decoder: decoderLimit = 1e9 } = limits;
  const graphs = {
    vae_encoder: encoder(gain, encoderLimit),
    unet: unet(unetLimit),
    vae_decoder: decoder(decoderLimit),
  };
  for (const [part, graph] of Object.entries(graphs)) await writeFile(join(dir, part, 'model.onnx'), onnxGraph(graph));
}
