import { UsageError } from '../../errors.js';
import type { HubFile } from './hub.js';

export interface Choice {
  /** As in `model.fp16.onnx`, `model_fp16.onnx` or a folder `fp16/`; undefined for the plain graphs. */
  readonly variant: string | undefined;
  readonly safetyChecker: boolean;
}

const PARTS = [
  'text_encoder',
  'text_encoder_2',
  'unet',
  'vae_encoder',
  'vae_decoder',
  'control_encoder',
  'safety_checker',
];
/** Small files that a folder needs beside its graphs, if its model has such a part. */
const DESCRIPTIONS =
  /^((text_encoder|text_encoder_2|unet|vae_encoder|vae_decoder|control_encoder|safety_checker)\/config\.json|(model_index|underpaint)\.json|LICEN[CS]E[\w.-]*|scheduler\/scheduler_config\.json|(tokenizer|tokenizer_2)\/[^/]+\.(json|txt)|feature_extractor\/preprocessor_config\.json|vae\/config\.json)$/i;

/** The graphs without a variant's name, in a list of variants. */
const PLAIN = 'plain';

/** As `chooseFiles`, for one variant or several beside each other, as in `plain,int8`. */
export function chooseVariants(files: readonly HubFile[], { variant, ...rest }: Choice): Map<string, HubFile> {
  const names = variant?.split(',').map((name) => (name === PLAIN ? undefined : name)) ?? [undefined];
  return new Map(names.flatMap((name) => [...chooseFiles(files, { ...rest, variant: name })]));
}

/**
 * Chooses the graphs that the server needs and their descriptions, by their path in the model's folder. The graphs name
 * the files of their weights themselves.
 *
 * @throws UsageError when the repository holds no ONNX graphs, not those of the variant, or a name that leads elsewhere
 */
export function chooseFiles(files: readonly HubFile[], choice: Choice): Map<string, HubFile> {
  const prefix = choosePrefix(files, choice.variant);
  const at = (folder: string) => childrenOf(files, prefix + folder);
  const chosen = new Map<string, HubFile>();
  for (const from of new Set(['', prefix])) {
    for (const file of files) {
      const path = file.path.slice(from.length);
      if (file.path.startsWith(from) && DESCRIPTIONS.test(path)) chosen.set(path, file);
    }
  }
  const variant = lastSegment(prefix) === choice.variant ? undefined : choice.variant;
  let hasVariant = variant === undefined;
  const parts = PARTS.filter((part) => choice.safetyChecker || part !== 'safety_checker');
  for (const part of parts) {
    const found = chooseGraph(at(part), variant);
    hasVariant ||= found?.isVariant ?? false;
    if (found) chosen.set(found.graph.path.slice(prefix.length), found.graph);
  }
  if (!hasVariant)
    throw new UsageError(`it has no ${variant} graphs, only ${namesOf(files).join(', ')}: leave --variant out`);
  requireGraphs(files, chosen, prefix);
  for (const [path, file] of chosen) if (!isInside(path) || !isInside(file.path)) throw leadsElsewhere(file.path);
  return chosen;
}

/** The folder in the repository to take: usually the repository itself, or its onnx/. */
function choosePrefix(files: readonly HubFile[], variant: string | undefined): string {
  const found = files
    .map(({ path }) => /^(.*\/)?(?:unet|vae_decoder)\/[^/]+\.onnx$/.exec(path))
    .filter((match) => match !== null);
  const prefixes = [...new Set(found.map(([, prefix]) => prefix ?? ''))];
  const named = prefixes.find((prefix) => variant !== undefined && lastSegment(prefix) === variant);
  const usual = ['', 'onnx/'].find((folder) => prefixes.includes(folder));
  const prefix = named ?? usual ?? prefixes[0];
  if (prefix === undefined) {
    throw new UsageError(
      'it holds no ONNX graphs (unet/model.onnx and so on): make a folder from it as models/export/README.md says',
    );
  }
  if (named !== undefined || usual !== undefined || prefixes.length === 1) return prefix;
  throw new UsageError(
    `it holds several models (${prefixes.join(', ')}): choose with --variant ${lastSegment(prefix)}`,
  );
}

function chooseGraph(files: readonly HubFile[], variant: string | undefined) {
  const graphs = files.filter(({ path }) => path.endsWith('.onnx'));
  const [only] = graphs;
  if (!only) return undefined;
  const isVariant = ({ path }: HubFile) =>
    variant !== undefined && new RegExp(`[._-]${escaped(variant)}\\.onnx$`).test(path);
  const graph =
    graphs.find(isVariant) ??
    graphs.find(({ path }) => path.endsWith('/model.onnx')) ??
    (graphs.length === 1 ? only : undefined);
  if (!graph) throw new UsageError(`it has ${namesOf(graphs).join(', ')}: choose with --variant`);
  return { graph, isVariant: isVariant(graph) };
}

/**
 * Chooses the files of the graphs' weights, by their path in the model's folder.
 *
 * @param data names of weight files in each graph, by the graph's path in the folder
 * @throws UsageError for a name that leads out of the folder, or that is missing in the repository
 */
export function chooseData(
  files: readonly HubFile[],
  graphs: ReadonlyMap<string, HubFile>,
  data: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, HubFile> {
  const chosen = new Map<string, HubFile>();
  for (const [graph, names] of data) {
    for (const named of names) {
      const name = named.replace(/^(\.\/)+/, '');
      const beside = (path: string) => path.slice(0, path.lastIndexOf('/') + 1) + name;
      if (!isInside(name)) throw leadsElsewhere(name);
      const wanted = beside(graphs.get(graph)!.path);
      const file = files.find(({ path }) => path === wanted);
      if (!file) throw new UsageError(`it has no ${wanted}, with the weights of ${graph}: it is incomplete`);
      chosen.set(beside(graph), file);
    }
  }
  return chosen;
}

/** @throws UsageError when a necessary part is missing, or has PyTorch weights only */
function requireGraphs(files: readonly HubFile[], chosen: ReadonlyMap<string, HubFile>, prefix: string): void {
  const has = (part: string) =>
    [...chosen.keys()].some((path) => path.startsWith(`${part}/`) && path.endsWith('.onnx'));
  const isAutoencoder = has('vae_encoder') && has('vae_decoder');
  if (!has('unet') && !isAutoencoder)
    throw new UsageError(`it has no graph in ${prefix}unet/, only ${namesOf(files).join(', ')}`);
  for (const part of ['text_encoder', 'text_encoder_2', 'unet', 'vae']) {
    const hasWeights = childrenOf(files, part).some(({ path }) => /\.(safetensors|bin)$/.test(path));
    if (hasWeights && !(part === 'vae' ? isAutoencoder : has(part))) {
      throw new UsageError(
        `it has PyTorch weights only in ${part}/: make a folder from it as models/export/README.md says`,
      );
    }
  }
}

function childrenOf(files: readonly HubFile[], folder: string): HubFile[] {
  return files.filter(({ path }) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/'));
}

function namesOf(files: readonly HubFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => path.endsWith('.onnx'));
}

function lastSegment(prefix: string): string | undefined {
  return prefix.split('/').at(-2);
}

/** Whether a path, joined to a folder, stays inside that folder on every system. */
function isInside(path: string): boolean {
  return path.split('/').every((segment) => /^[^\\:\0-\x1f]+$/.test(segment) && !/^\.+$/.test(segment));
}

function leadsElsewhere(path: string): UsageError {
  return new UsageError(
    `it has a file named ${JSON.stringify(path)}, which leads out of the folder: nothing was downloaded`,
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
