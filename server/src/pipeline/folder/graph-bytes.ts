import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { externalEnds } from './external-data.js';

export interface GraphFile {
  readonly name: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** A graph and the files of its weights beside it. */
export async function graphFiles(path: string): Promise<GraphFile[]> {
  const names = [basename(path), ...(await externalEnds(path)).keys()];
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(dirname(path), name));
      return { name, bytes: size, changedMs: mtimeMs };
    }),
  );
}

/** Bytes of a graph and of the weights beside it. */
export async function graphBytes(path: string): Promise<number> {
  return (await graphFiles(path)).reduce((sum, { bytes }) => sum + bytes, 0);
}
