import { UsageError } from '../../errors.js';
import { chooseData, chooseVariants } from './choose-files.js';
import { createHubFetch } from './hub-fetch.js';
import { Hub, type HubFile } from './hub.js';
import { PulledFiles, type PullRequest } from './pulled-files.js';
import { Workplace } from './workplace.js';

export interface Pulled {
  readonly dir: string;
  readonly commit: string;
  readonly files: number;
  readonly bytes: number;
  /** Of these, bytes downloaded by this pull. */
  readonly downloadedBytes: number;
}

/**
 * Downloads a model from the hub into a folder, which gets its name only when every file is complete and verified.
 *
 * @throws UsageError for every error that the user can fix
 */
export async function pullModel(request: PullRequest): Promise<Pulled> {
  const { repository, revision, signal } = request;
  try {
    return await pull(request);
  } catch (error) {
    if (signal.aborted) throw new UsageError('stopped: run the same command again to resume', { cause: error });
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new UsageError('the disk is full: free some space, then run the same command again to resume');
    const name = revision === undefined ? repository : `${repository}@${revision}`;
    if (code !== undefined && 'syscall' in (error as object))
      throw new UsageError(`${name}: ${message}`, { cause: error });
    throw error;
  }
}

async function pull(request: PullRequest): Promise<Pulled> {
  const { repository, revision, target, endpoint, token, transport, signal } = request;
  const model = revision === undefined ? repository : `${repository}@${revision}`;
  const hub = new Hub(endpoint, repository, createHubFetch({ endpoint, token, model, transport, signal }));
  const commit = await hub.commitOf(revision ?? 'main');
  const files = await hub.files(commit);
  const chosen = named(repository, () => chooseVariants(files, request));
  const workplace = await Workplace.open(target);
  try {
    const pulled = new PulledFiles(workplace, request, (path, from) => hub.open(commit, path, from));
    pulled.expectBytes(bytesBeside(files, chosen));
    await pulled.take(chosen);
    const data = await pulled.dataOf([...chosen.keys()].filter((path) => path.endsWith('.onnx')));
    await pulled.take(named(repository, () => chooseData(files, chosen, data)));
    const lock = { repository, revision: revision ?? 'main', commit, variant: request.variant ?? null };
    if (await pulled.changesNothing(lock)) await workplace.discard();
    else await pulled.finish(lock);
    return { dir: target, commit, ...pulled.count() };
  } finally {
    await workplace.close();
  }
}

/** Bytes of the chosen files and of files named after the graphs, which most likely hold their weights. */
function bytesBeside(files: readonly HubFile[], chosen: ReadonlyMap<string, HubFile>): number {
  const graphs = [...chosen.values()].map(({ path }) => path).filter((path) => path.endsWith('.onnx'));
  const named = files.filter(({ path }) => graphs.some((graph) => path.startsWith(graph)));
  return [...new Set([...chosen.values(), ...named])].reduce((sum, { size }) => sum + size, 0);
}

/** Puts the repository's name before an error about it. */
function named<T>(repository: string, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${repository}: ${error.message}`, { cause: error });
    throw error;
  }
}
