import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Bytes of a graph and of the weights beside it: all that lies in its folder but words. */
export async function graphBytes(path: string): Promise<number> {
  const folder = dirname(path);
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(json|txt|md|npy|safetensors)$/.test(entry.name));
  const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
