import { dirname } from 'node:path';
import { ModelError } from '../errors.js';
import { graphBytes } from './graph-bytes.js';
import { record } from '../fields.js';
import { textEncoderConfig, unetConfig, vaeConfig } from './folder-files.js';
import { refuseLinksOut, requireModelFolder } from './folder-checks.js';
import { exists, locate } from './graph-folders.js';
import type { PipelineInfo } from '../info.js';
import { assemblePipeline } from '../pipeline.js';
import {
  readComponent,
  readLayout,
  readModelCard,
  readModelFolder,
  readModelIndex,
  readScheduler,
} from './model-folder.js';
import { variantsIn, type Dtype } from './variants.js';
import type { TensorSpec } from '../graphs/graph-specs.js';
import { Graph } from '../graphs/ort.js';
import type { FolderLayout } from '../family.js';
import type { SchedulerConfig } from '../schedulers/registry.js';

export interface InspectedComponent {
  readonly name: string;
  readonly graph: string;
  /** The graph and the data beside it. */
  readonly bytes: number;
  /** The graphs of other types of numbers beside it. */
  readonly variants: readonly { readonly dtype: Dtype; readonly bytes: number }[];
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export interface Inspection {
  readonly dir: string;
  readonly components: readonly InspectedComponent[];
  /** Why the folder cannot be served, one line each; empty if it can. */
  readonly problems: readonly string[];
  readonly scheduler: SchedulerConfig | undefined;
  /** Undefined if it cannot be served. */
  readonly model: PipelineInfo | undefined;
}

const COMPONENTS = {
  text_encoder: textEncoderConfig,
  text_encoder_2: textEncoderConfig,
  unet: unetConfig,
  vae_encoder: vaeConfig,
  vae_decoder: vaeConfig,
  control_encoder: record({}),
  safety_checker: record({}),
};
type ComponentName = keyof typeof COMPONENTS;
const ALL = Object.keys(COMPONENTS) as ComponentName[];
const OPTIONAL: readonly ComponentName[] = ['text_encoder_2', 'control_encoder', 'safety_checker'];

/** The parts that a folder may have; all of them where its schedule does not tell. */
function partsOf(layout: FolderLayout | undefined): readonly ComponentName[] {
  return layout?.codec === 'pixels' ? ['unet', 'control_encoder'] : ALL;
}

/** The graphs are hardly run, so they need to load quickly, not to be fast. */
const SOON = { device: 'cpu', deviceId: 0, threads: 0, optimisation: 'disabled' } as const;

/** Checks each part of a model folder by itself and, if all are sound, the whole. Of several graphs of a part, that of `dtype`. */
export async function inspectFolder(dir: string, vaeDir = dir, dtype?: Dtype): Promise<Inspection> {
  return new Inspector(dir, vaeDir, dtype).inspect();
}

class Inspector {
  readonly #dir: string;
  readonly #vaeDir: string;
  readonly #dtype: Dtype | undefined;
  readonly #components: InspectedComponent[] = [];
  readonly #problems: string[] = [];

  constructor(dir: string, vaeDir: string, dtype: Dtype | undefined) {
    this.#dir = dir;
    this.#vaeDir = vaeDir;
    this.#dtype = dtype;
  }

  async inspect(): Promise<Inspection> {
    if (!(await this.#attempt(this.#requireFolders()))) return this.#result();
    const scheduler = await this.#attempt(readScheduler(this.#dir));
    await this.#attempt(readModelIndex(this.#dir));
    await this.#attempt(readModelCard(this.#dir));
    const layout = scheduler && (await readLayout(this.#dir, scheduler));
    for (const name of partsOf(layout)) {
      const dir = name.startsWith('vae_') ? this.#vaeDir : this.#dir;
      if (OPTIONAL.includes(name) && !(await exists(await locate(dir, name)))) continue;
      const component = await this.#attempt(this.#look(dir, name));
      if (component) this.#components.push(component);
    }
    if (this.#problems.length > 0) return this.#result();
    const folder = await this.#attempt(readModelFolder(this.#dir, this.#vaeDir, this.#dtype));
    const pipeline = folder && (await this.#attempt(assemblePipeline(folder, SOON)));
    await pipeline?.dispose();
    return this.#result({ scheduler: folder?.scheduler, model: pipeline?.info });
  }

  #result(whole: Partial<Pick<Inspection, 'scheduler' | 'model'>> = {}): Inspection {
    const found = { dir: this.#dir, components: this.#components, problems: this.#problems };
    return { ...found, scheduler: undefined, model: undefined, ...whole };
  }

  async #attempt<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#problems.push(error.message);
      return undefined;
    }
  }

  async #requireFolders(): Promise<true> {
    await requireModelFolder(this.#dir);
    for (const dir of new Set([this.#dir, this.#vaeDir])) await refuseLinksOut(dir);
    return true;
  }

  async #look(dir: string, name: ComponentName): Promise<InspectedComponent> {
    const { graph: path } = await readComponent(dir, name, { schema: COMPONENTS[name], dtype: this.#dtype });
    const graph = await Graph.open(path, SOON);
    const [inputs, outputs] = [[...graph.inputs.values()], [...graph.outputs.values()]];
    await graph.dispose();
    const others = [...(await variantsIn(dirname(path)))].filter(([, other]) => other !== path);
    const variants = await Promise.all(
      others.map(async ([dtype, other]) => ({ dtype, bytes: await graphBytes(other) })),
    );
    return { name, graph: path, bytes: await graphBytes(path), variants, inputs, outputs };
  }
}
