import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface GraphFile {
  readonly name: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** A graph and the weights beside it: all that lies in its folder but words. */
export async function graphFiles(path: string): Promise<GraphFile[]> {
  const folder = dirname(path);
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(json|txt|md|npy|safetensors)$/.test(entry.name));
  return Promise.all(
    files.map(async ({ name }) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return { name, bytes: size, changedMs: mtimeMs };
    }),
  );
}

/** Bytes of a graph and of the weights beside it. */
export async function graphBytes(path: string): Promise<number> {
  return (await graphFiles(path)).reduce((sum, { bytes }) => sum + bytes, 0);
}
