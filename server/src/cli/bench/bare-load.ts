import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { graphBytes } from '../../pipeline/graph-bytes.js';
import { readModelFolder } from '../../pipeline/model-folder.js';
import type { GraphOptions } from '../../pipeline/ort.js';
import { round } from './statistics.js';

export interface BareLoadJob extends Pick<GraphOptions, 'device' | 'deviceId' | 'threads'> {
  readonly modelDir: string;
  readonly graphs: readonly string[];
  readonly level: (typeof LEVELS)[number];
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

/** `kept` is the graph that an earlier load has optimised and kept; the others are the levels of the runtime. */
const LEVELS = ['kept', 'disabled', 'basic', 'extended', 'all'] as const;
const PROGRAM = fileURLToPath(new URL('./bare-load-worker.js', import.meta.url));

/** What loading a folder's graphs costs when nothing is done but that. */
export async function measureBareLoads(
  modelDir: string,
  options: Omit<BareLoadJob, 'graphs' | 'level' | 'modelDir'>,
): Promise<BareLoads> {
  const graphs = await graphsOf(modelDir);
  const bare: Record<string, BareLoad> = {};
  for (const level of LEVELS) {
    const job: BareLoadJob = { ...options, modelDir, graphs, level };
    const child = fork(PROGRAM, [JSON.stringify(job)]);
    const [load] = (await once(child, 'message')) as [BareLoad];
    bare[level] = { createMs: round(load.createMs), peakBytes: load.peakBytes };
  }
  const sizes = await Promise.all(graphs.map(graphBytes));
  return { weightsBytes: sizes.reduce((sum, size) => sum + size, 0), bare };
}

async function graphsOf(modelDir: string): Promise<string[]> {
  const { textEncoders, unet, vae } = await readModelFolder(modelDir);
  return [...textEncoders, unet, ...(vae ? [vae.decoder, vae.encoder] : [])].map(({ graph }) => graph);
}
