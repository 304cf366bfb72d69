import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * The graphs of a model are in its folder, or in onnx/ inside it if the rest belongs to PyTorch. The configuration of a
 * graph may then be in either.
 */

const NESTED = 'onnx';

/** The folder with the graphs: `dir`, or `dir/onnx` if only that has some. */
export async function graphRoot(dir: string): Promise<string> {
  const nested = join(dir, NESTED);
  return !(await hasGraphs(dir)) && (await hasGraphs(nested)) ? nested : dir;
}

/** Path of a file or folder of a model: beside its graphs, else in `dir`, whether it exists or not. */
export async function locate(dir: string, ...path: readonly string[]): Promise<string> {
  const besideGraphs = join(await graphRoot(dir), ...path);
  return (await exists(besideGraphs)) ? besideGraphs : join(dir, ...path);
}

/** Whether it has graphs of a model, or of an autoencoder alone. */
async function hasGraphs(root: string): Promise<boolean> {
  const parts = await Promise.all(['unet', 'vae_decoder'].map((name) => filesIn(join(root, name))));
  return parts.flat().some((file) => file.endsWith('.onnx'));
}

/** The names in a folder; empty if it does not exist. */
export function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Whether the file or folder exists. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
