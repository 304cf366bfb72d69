import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { graphBytes } from '../../pipeline/folder/graph-bytes.js';
import { readModelFolder } from '../../pipeline/folder/model-folder.js';
import type { Dtype } from '../../pipeline/folder/variants.js';
import type { GraphOptions } from '../../pipeline/graphs/ort.js';
import { median, round } from './statistics.js';

type DeviceOptions = Pick<GraphOptions, 'device' | 'deviceId' | 'threads'>;

export interface LoadJob extends DeviceOptions {
  readonly modelDir: string;
  readonly dtype: Dtype;
  readonly graphs: readonly string[];
  readonly way: (typeof WAYS)[number];
}

export interface Load {
  readonly loadMs: number;
  readonly peakBytes: number;
}

export interface LoadBenchResult {
  /** Bytes of the graphs and the weights beside them. */
  readonly weightsBytes: number;
  /** Medians, each in a process of its own. */
  readonly loads: Readonly<Record<string, Load>>;
  /** The time of our load over that of the best bare one. */
  readonly overBare: number;
}

/**
 * `ours` loads the folder as the server does. The others are the bare `create` calls of its graphs: `kept` of the graphs
 * that an earlier load has optimised, the rest by optimisation level. Levels above `basic` take longer.
 */
const WAYS = ['ours', 'kept', 'disabled', 'basic'] as const;
const ROUNDS = 3;
const PROGRAM = fileURLToPath(new URL('./load-bench-worker.js', import.meta.url));

/** Measures loading a folder, compared with the runtime alone. */
export async function benchLoads(modelDir: string, dtype: Dtype, options: DeviceOptions): Promise<LoadBenchResult> {
  const graphs = await graphsOf(modelDir, dtype);
  const runs: Record<string, Load[]> = Object.fromEntries(WAYS.map((way) => [way, []]));
  for (let i = 0; i < ROUNDS; i++) {
    for (const way of WAYS) runs[way]!.push(await load({ ...options, modelDir, dtype, graphs, way }));
  }
  const loads = Object.fromEntries(Object.entries(runs).map(([way, all]) => [way, medianLoad(all)]));
  const { ours, ...bare } = loads;
  const best = Math.min(...Object.values(bare).map(({ loadMs }) => loadMs));
  const sizes = await Promise.all(graphs.map(graphBytes));
  return {
    weightsBytes: sizes.reduce((sum, size) => sum + size, 0),
    loads,
    overBare: round(ours!.loadMs / best),
  };
}

async function load(job: LoadJob): Promise<Load> {
  const child = fork(PROGRAM, [JSON.stringify(job)]);
  const [result] = (await once(child, 'message')) as [Load];
  return result;
}

function medianLoad(runs: readonly Load[]): Load {
  return {
    loadMs: round(median(runs.map(({ loadMs }) => loadMs))),
    peakBytes: median(runs.map(({ peakBytes }) => peakBytes)),
  };
}

async function graphsOf(modelDir: string, dtype: Dtype): Promise<string[]> {
  const { textEncoders, unet, vae } = await readModelFolder(modelDir, modelDir, dtype);
  return [...textEncoders, unet, ...(vae ? [vae.decoder, vae.encoder] : [])].map(({ graph }) => graph);
}
