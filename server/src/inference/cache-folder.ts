import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a model's graphs are kept as they were optimised: beside it, or in the user's cache where that cannot be written to. */
function optimisedFolder(modelDir: string, env: Env): string {
  const beside = join(resolve(modelDir), '.optimised');
  if (makeWritable(beside)) return beside;
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const own = join(cache, 'underpaint', 'optimised', basename(resolve(modelDir)));
  makeWritable(own);
  return own;
}

/** Makes that folder when it is first wanted. */
export function optimisedDirOf(modelDir: string, env: Env): () => string {
  return () => optimisedFolder(modelDir, env);
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
