import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** A folder for what can be made again: beside the model, or in the user's cache where that cannot be written to. */
export function cacheFolder(name: string, modelDir: string, env: Env): string {
  const beside = join(resolve(modelDir), `.${name}`);
  if (makeWritable(beside)) return beside;
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const own = join(cache, 'underpaint', name, basename(resolve(modelDir)));
  makeWritable(own);
  return own;
}

/** Where a model's graphs are kept as they were optimised. */
export function optimisedDirOf(modelDir: string, env: Env): () => string {
  return () => cacheFolder('optimised', modelDir, env);
}

function makeWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
