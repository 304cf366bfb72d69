import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * The parts of a model lie in its folder, or in the folder onnx/ of it where the rest belongs to PyTorch. What is written
 * about a part may then lie in either.
 */

const NESTED = 'onnx';

/** Where the folders of the graphs are: `dir`, or `dir/onnx` where only that has some. */
export async function graphRoot(dir: string): Promise<string> {
  const nested = join(dir, NESTED);
  return !(await hasGraphs(dir)) && (await hasGraphs(nested)) ? nested : dir;
}

/** A file or folder of a model, beside its graphs or else where it usually is, whether there is one or not. */
export async function locate(dir: string, ...path: readonly string[]): Promise<string> {
  const besideGraphs = join(await graphRoot(dir), ...path);
  return (await exists(besideGraphs)) ? besideGraphs : join(dir, ...path);
}

/** Of a model or of an autoencoder alone. */
async function hasGraphs(root: string): Promise<boolean> {
  const parts = await Promise.all(['unet', 'vae_decoder'].map((name) => filesIn(join(root, name))));
  return parts.flat().some((file) => file.endsWith('.onnx'));
}

/** The names in a folder; none where there is no such folder. */
export function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Whether there is such a file or folder. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
