import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from './errors.js';
import { loadPipeline, type PipelineInfo } from './lcm-pipeline.js';
import { readComponent, readModelFolder } from './model-folder.js';
import { Graph, type TensorSpec } from './ort.js';
import type { SchedulerConfig } from './schedulers/noise-schedule.js';

export interface InspectedComponent {
  readonly name: string;
  readonly graph: string;
  /** The graph and the data beside it. */
  readonly bytes: number;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export interface Inspection {
  readonly dir: string;
  readonly components: readonly InspectedComponent[];
  /** What keeps the folder from being served, one line each; empty when it can be. */
  readonly problems: readonly string[];
  readonly scheduler: SchedulerConfig | undefined;
  /** What it is, when it can be served. */
  readonly model: PipelineInfo | undefined;
}

const COMPONENTS = ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder'];
/** Nothing is run: what is asked is whether it loads, and that soon. */
const SOON = { device: 'cpu', deviceId: 0, threads: 0, optimisation: 'disabled' } as const;

/** Looks at every part of a model folder by itself, and at the whole when no part is amiss. */
export async function inspectFolder(dir: string, vaeDir = dir): Promise<Inspection> {
  const components: InspectedComponent[] = [];
  const problems: string[] = [];
  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  if (!(await attempt(requireDirectory(dir)))) {
    return { dir, components, problems, scheduler: undefined, model: undefined };
  }
  for (const name of COMPONENTS) {
    const component = await attempt(inspectComponent(name.startsWith('vae_') ? vaeDir : dir, name));
    if (component) components.push(component);
  }
  if (problems.length > 0) return { dir, components, problems, scheduler: undefined, model: undefined };
  const folder = await attempt(readModelFolder(dir, vaeDir));
  const pipeline = folder && (await attempt(loadPipeline(dir, { ...SOON, vaeDir })));
  await pipeline?.dispose();
  return { dir, components, problems, scheduler: folder?.scheduler, model: pipeline?.info };
}

async function requireDirectory(dir: string): Promise<true> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory()) return true;
  throw new ModelError(found ? `${dir} is a file, not a model folder` : `there is no model folder ${dir}`);
}

async function inspectComponent(dir: string, name: string): Promise<InspectedComponent> {
  const { graph: path } = await readComponent(dir, name);
  const graph = await Graph.open(path, SOON);
  const [inputs, outputs] = [[...graph.inputs.values()], [...graph.outputs.values()]];
  await graph.dispose();
  return { name, graph: path, bytes: await bytesOf(join(dir, name)), inputs, outputs };
}

async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(json|txt|md)$/.test(entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
