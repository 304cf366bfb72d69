import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { graphBytes } from '../../pipeline/graph-bytes.js';
import { readModelFolder } from '../../pipeline/model-folder.js';
import type { GraphOptions } from '../../pipeline/ort.js';
import { round } from './statistics.js';

export interface BareLoadJob extends Omit<GraphOptions, 'padRows'> {
  readonly graphs: readonly string[];
}

export interface BareLoad {
  readonly createMs: number;
  readonly peakBytes: number;
}

export interface BareLoads {
  /** Bytes of the graphs and the weights beside them. */
  readonly weightsBytes: number;
  /** The bare `create` calls of the same graphs, by level of optimisation, each in a process of its own. */
  readonly bare: Readonly<Record<string, BareLoad>>;
}

/** `disabled` is what the graph would take that an earlier load had optimised and saved. */
const LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;
const PROGRAM = fileURLToPath(new URL('./bare-load-worker.js', import.meta.url));

/** What loading a folder's graphs costs when nothing is done but that. */
export async function measureBareLoads(
  modelDir: string,
  options: Omit<BareLoadJob, 'graphs' | 'optimisation'>,
): Promise<BareLoads> {
  const graphs = await graphsOf(modelDir);
  const bare: Record<string, BareLoad> = {};
  for (const optimisation of LEVELS) {
    const job: BareLoadJob = { ...options, graphs, optimisation };
    const child = fork(PROGRAM, [JSON.stringify(job)]);
    const [load] = (await once(child, 'message')) as [BareLoad];
    bare[optimisation] = { createMs: round(load.createMs), peakBytes: load.peakBytes };
  }
  const sizes = await Promise.all(graphs.map(graphBytes));
  return { weightsBytes: sizes.reduce((sum, size) => sum + size, 0), bare };
}

async function graphsOf(modelDir: string): Promise<string[]> {
  const { textEncoders, unet, vae } = await readModelFolder(modelDir);
  return [...textEncoders, unet, ...(vae ? [vae.decoder, vae.encoder] : [])].map(({ graph }) => graph);
}
