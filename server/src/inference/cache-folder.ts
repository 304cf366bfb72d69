import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** The folder for a model's optimised graphs: in its own folder, or else, if that is read-only, in the user's cache. */
function optimisedFolder(modelDir: string, env: Readonly<NodeJS.ProcessEnv>): string {
  const beside = join(resolve(modelDir), '.optimised');
  if (makeWritable(beside)) return beside;
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const own = join(cache, 'underpaint', 'optimised', basename(resolve(modelDir)));
  makeWritable(own);
  return own;
}

/** Creates the folder for optimised graphs on first use. */
export function optimisedDirOf(modelDir: string, env: Readonly<NodeJS.ProcessEnv>): () => string {
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
