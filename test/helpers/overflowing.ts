import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onnxGraph, type Node, type SmallGraph } from './onnx-graph.js';

/*
 * Graphs that give numbers until what they are fed is large, and not-a-number from there on: as half precision does.
 * They do nothing else, so a picture goes through them nearly as it is.
 */

const LARGEST = 3.4e38;

/** `output` is `input` where that is below `limit`, and not-a-number beyond. */
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

/** Answers with its own latents; what it is told beside them it does not look at. */
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
  /** What the encoder makes of full white. */
  readonly gain?: number;
  readonly encoder?: number;
  readonly unet?: number;
  readonly decoder?: number;
}

/** Puts such graphs into a model folder. Without a limit a graph has none that a test would reach. */
export async function putOverflowing(dir: string, limits: Limits): Promise<void> {
  const { gain = 1, encoder: encoderLimit = 1e9, unet: unetLimit = 1e9, decoder: decoderLimit = 1e9 } = limits;
  const graphs = {
    vae_encoder: encoder(gain, encoderLimit),
    unet: unet(unetLimit),
    vae_decoder: decoder(decoderLimit),
  };
  for (const [part, graph] of Object.entries(graphs)) await writeFile(join(dir, part, 'model.onnx'), onnxGraph(graph));
}
