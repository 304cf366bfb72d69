import { basename, join } from 'node:path';
import { ModelError } from '../errors.js';
import { filesIn, graphRoot } from './graph-folders.js';

/*
 * A part may have its graph in several types of numbers, beside each other: model.onnx, model_fp16.onnx, model_int8.onnx.
 */

/** The types of numbers that graphs compute in. */
export const DTYPES = ['fp32', 'fp16', 'int8'] as const;
export type Dtype = (typeof DTYPES)[number];

const PLAIN = 'model.onnx';
const VARIANT = /^model[._](fp16|int8)\.onnx$/;
const PARTS = ['unet', 'vae_decoder', 'vae_encoder', 'control_encoder', 'text_encoder', 'text_encoder_2'];

/** The type that a graph's name says; undefined for the plain graph, which tells by its inputs. */
export function dtypeOfName(path: string): Dtype | undefined {
  return VARIANT.exec(basename(path))?.[1] as Dtype | undefined;
}

/**
 * The graph to take of those in one folder: the one of the type if there is such a one, else the plain graph, else the
 * only one.
 *
 * @returns undefined if there is none
 * @throws ModelError when several are left, and no name tells
 */
export function chooseGraph(folder: string, graphs: readonly string[], dtype: Dtype | undefined): string | undefined {
  const wanted = dtype && graphs.find((file) => dtypeOfName(file) === dtype);
  if (wanted) return wanted;
  if (graphs.includes(PLAIN)) return PLAIN;
  if (graphs.length < 2) return graphs[0];
  throw new ModelError(`${folder} has ${graphs.join(', ')}: name the one to use ${PLAIN}`);
}

/** The graphs beside the plain one, by their type. */
export async function variantsIn(folder: string): Promise<Map<Dtype, string>> {
  const named = (await filesIn(folder)).map((file) => [dtypeOfName(file), join(folder, file)] as const);
  return new Map(named.filter((entry): entry is [Dtype, string] => entry[0] !== undefined));
}

/** The types of the variants that parts of a model have, and of the autoencoder in `vaeDir`. */
export async function dtypesOf(dir: string, vaeDir = dir): Promise<ReadonlySet<Dtype>> {
  const roots = new Map([dir, vaeDir].map((one) => [one, graphRoot(one)]));
  const folders = PARTS.map(async (name) => {
    const root = await roots.get(name.startsWith('vae_') ? vaeDir : dir)!;
    return [...(await variantsIn(join(root, name))).keys()];
  });
  return new Set((await Promise.all(folders)).flat());
}

/** What to do about a model that has no graphs of the type. */
export function missingDtype(dir: string, dtype: Dtype, there: string): ModelError {
  return new ModelError(`${dir} has no ${dtype} graphs, only ${there}: ${REMEDIES[dtype]}, or leave --dtype out`);
}

const REMEDIES: Readonly<Record<Dtype, string>> = {
  fp32: 'export it in fp32',
  fp16: 'export it with --dtype fp16',
  int8: 'add them with python -m underpaint_export int8, in models/export',
};
