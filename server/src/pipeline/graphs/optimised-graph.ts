import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { checkExternalData } from '../folder/external-data.js';
import { graphBytes, graphFiles } from '../folder/graph-bytes.js';
import { Graph, RUNTIME_VERSION, type GraphOptions } from './ort.js';
import { processorName } from './processor.js';

/*
 * Optimising a graph for the CPU makes every step faster, but takes seconds. So it is done at the first load and the
 * result is kept for later ones. Other devices optimise graphs themselves.
 */

export interface KeptGraphOptions extends GraphOptions {
  /** The folder to keep optimised graphs in; without it none are kept. */
  readonly optimisedDir?: (() => string) | undefined;
}

/** Smaller graphs are optimised faster than a file is found. */
const LEAST_BYTES = 1 << 19;
/** Half-precision weights are kept in single precision, as the CPU runs them; and the disk must not fill up. */
const ROOM_NEEDED = 3;
/** A load that began longer ago than this, in ms, was abandoned. */
const ABANDONED_MS = 3_600_000;

/** Opens a graph as an earlier load optimised it. The first load optimises and keeps it, if the disk has space. */
export async function openGraph(path: string, options: KeptGraphOptions): Promise<Graph> {
  const folder = await folderFor(path, options);
  if (!folder) return Graph.open(path, options);
  let kept = await readKept(path, folder, options);
  if (!kept) {
    await keep(path, folder, options);
    kept = await readKept(path, folder, options);
  }
  await removeOthers(folder).catch(() => undefined);
  return kept ?? Graph.open(path, options);
}

/** The path for this graph on this processor with this runtime; undefined if it is not kept. */
async function folderFor(path: string, options: KeptGraphOptions): Promise<string | undefined> {
  const { optimisedDir, device, optimisation, extended } = options;
  if (!optimisedDir || device !== 'cpu' || optimisation) return undefined;
  // Opening the graph will report the error.
  const files = await graphFiles(path).catch(() => []);
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) < LEAST_BYTES) return undefined;
  const key = JSON.stringify([RUNTIME_VERSION, await processorName(), resolve(path), files, extended?.key]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  // Graphs beside each other, as model.onnx and model_int8.onnx, are kept beside each other too. So is a graph without
  // what is added to it, which benchmarks open.
  const variant = basename(path, '.onnx').replace(/^model[._]?/, '');
  const part = [basename(dirname(path)), variant, extended ? '' : 'bare'].filter(Boolean).join('-');
  return join(optimisedDir(), part, hash);
}

async function readKept(path: string, folder: string, options: GraphOptions): Promise<Graph | undefined> {
  const file = join(folder, 'model.onnx');
  if (!(await stat(file).catch(() => undefined))) return undefined;
  try {
    await checkExternalData(file);
    return await Graph.open(path, { ...options, optimised: { file, mode: 'read' } });
  } catch {
    await remove(folder);
    return undefined;
  }
}

/** Does nothing if it cannot be written, or the graph is broken. */
async function keep(path: string, folder: string, options: GraphOptions): Promise<void> {
  // Renamed when it is complete: a process that dies leaves nothing that could be taken for a graph.
  const part = `${folder}.${randomUUID()}`;
  const file = join(part, 'model.onnx');
  try {
    await mkdir(part, { recursive: true });
    const { bavail, bsize } = await statfs(part);
    if (bavail * bsize > ROOM_NEEDED * (await graphBytes(path))) {
      const graph = await Graph.open(path, { ...options, optimised: { file, mode: 'write' } });
      // This copy holds its weights in its own memory; read from the file they are mapped, and workers share them.
      await graph.dispose();
      await checkExternalData(file);
      await rename(part, folder);
    }
  } catch {
    // Not kept: the next load does the same work again.
  }
  await remove(part);
}

/** Files of an older graph or runtime, and unfinished ones. */
async function removeOthers(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    if (name === basename(folder)) continue;
    const { mtimeMs } = await stat(join(parent, name));
    const isBegun = name.includes('.') && Date.now() - mtimeMs < ABANDONED_MS;
    if (!isBegun) await remove(join(parent, name));
  }
}

/** A file that cannot be removed does no harm. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
