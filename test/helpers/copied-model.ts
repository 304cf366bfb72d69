import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODEL = fileURLToPath(new URL('../../models/landscape', import.meta.url));

/** A copy of the embedded model in a new folder, without anything that earlier starts have kept. */
export async function copyModel(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'underpaint-model-'));
  await cp(MODEL, dir, { recursive: true, filter: (path) => basename(path) !== '.optimised' });
  return dir;
}
