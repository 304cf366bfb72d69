import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../../errors.js';
import { chooseData, chooseFiles, type Choice } from './choose-files.js';
import { download, verify } from './download.js';
import { readDataNames } from './graph-data.js';
import { createHubFetch } from './hub-fetch.js';
import { Hub, type HubFile } from './hub.js';
import type { Transport } from './proxied-fetch.js';
import { readLock, writeLock, type Lock } from './lock-file.js';
import { Workplace } from './workplace.js';

export interface PullRequest extends Choice {
  /** OWNER/NAME. */
  readonly repository: string;
  /** A branch, a tag or a commit; undefined for the main branch. */
  readonly revision: string | undefined;
  /** The folder that the model becomes. */
  readonly target: string;
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly transport: Transport;
  readonly onProgress: (bytes: number, of: number) => void;
  /** Stops the pull. Downloaded bytes stay for the next one. */
  readonly signal: AbortSignal;
}

export interface Pulled {
  readonly dir: string;
  readonly commit: string;
  readonly files: number;
  readonly bytes: number;
  /** The bytes of these that this pull downloaded. */
  readonly downloadedBytes: number;
}

/**
 * Downloads a model from the hub into a folder. The folder gets its name when every file is complete and verified.
 *
 * @throws UsageError for everything that the user can fix
 */
export async function pullModel(request: PullRequest): Promise<Pulled> {
  const { repository, revision, signal } = request;
  try {
    return await pull(request);
  } catch (error) {
    if (signal.aborted) throw new UsageError('stopped: the same command goes on from here', { cause: error });
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new UsageError('the disk is full: make room, the same command goes on from here');
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
  const chosen = named(repository, () => chooseFiles(files, request));
  const workplace = await Workplace.open(target);
  try {
    const work = new Work(workplace, request, (path, from) => hub.open(commit, path, from));
    work.expectBytes(bytesBeside(files, chosen));
    await work.take(chosen);
    const data = await work.dataOf([...chosen.keys()].filter((path) => path.endsWith('.onnx')));
    await work.take(named(repository, () => chooseData(files, chosen, data)));
    const lock = { repository, revision: revision ?? 'main', commit, variant: request.variant ?? null };
    if (await work.changesNothing(lock)) await workplace.discard();
    else await work.finish(lock);
    return { dir: target, commit, ...work.count() };
  } finally {
    await workplace.close();
  }
}

/** What files named after the chosen graphs come to: most likely their weights. */
function bytesBeside(files: readonly HubFile[], chosen: ReadonlyMap<string, HubFile>): number {
  const graphs = [...chosen.values()].map(({ path }) => path).filter((path) => path.endsWith('.onnx'));
  const named = files.filter(({ path }) => graphs.some((graph) => path.startsWith(graph)));
  return [...new Set([...chosen.values(), ...named])].reduce((sum, { size }) => sum + size, 0);
}

/** Puts the repository's name before what is wrong with it. */
function named<T>(repository: string, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${repository}: ${error.message}`, { cause: error });
    throw error;
  }
}

interface Taken {
  readonly file: HubFile;
  readonly sha256: string;
  /** In the folder of the model as it was before, or among what was brought since. */
  readonly in: 'target' | 'workplace';
}

/** The files of one pull. Intact files from earlier pulls are reused; all others come from the hub. */
class Work {
  readonly #workplace: Workplace;
  readonly #request: PullRequest;
  readonly #open: (path: string, from: number) => Promise<Response>;
  readonly #taken = new Map<string, Taken>();
  #totalBytes = 0;
  #expectedBytes = 0;
  #doneBytes = 0;
  #downloadedBytes = 0;

  constructor(workplace: Workplace, request: PullRequest, open: (path: string, from: number) => Promise<Response>) {
    this.#workplace = workplace;
    this.#request = request;
    this.#open = open;
  }

  /** An estimate for the progress bar, until the graphs' data files are known. */
  expectBytes(bytes: number): void {
    this.#expectedBytes = bytes;
  }

  /** @param files by their path in the model's folder */
  async take(files: ReadonlyMap<string, HubFile>): Promise<void> {
    for (const { size } of files.values()) this.#totalBytes += size;
    for (const [path, file] of files) await this.#takeWhatIsThere(path, file);
    const missing = [...files].filter(([path]) => !this.#taken.has(path));
    const toCome = await Promise.all(missing.map(([path, file]) => this.#bytesToCome(path, file)));
    const bytes = toCome.reduce((sum, size) => sum + size, 0);
    await this.#workplace.requireRoom(bytes);
    for (const [path, file] of missing) {
      const sha256 = await download({
        file,
        path: join(this.#workplace.dir, path),
        open: (from) => this.#open(file.path, from),
        onProgress: (done) => this.#report(this.#doneBytes + done),
        signal: this.#request.signal,
      });
      this.#note(path, { file, sha256, in: 'workplace' });
    }
    this.#downloadedBytes += bytes;
  }

  /** The files that each graph names for its weights. */
  async dataOf(graphs: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
    const data = new Map<string, ReadonlySet<string>>();
    for (const path of graphs) data.set(path, await readDataNames(this.#where(path)));
    return data;
  }

  /** Whether the model as it was is the one asked for, every byte of it and no more. */
  async changesNothing(lock: Omit<Lock, 'files'>): Promise<boolean> {
    const before = await readLock(this.#workplace.target);
    const isSame = before?.commit === lock.commit && before.variant === lock.variant;
    const isAllThere = [...this.#taken.values()].every((taken) => taken.in === 'target');
    return isSame && isAllThere && Object.keys(before.files).length === this.#taken.size;
  }

  /** Puts everything in one place, writes down what it is, and gives it its name. */
  async finish(lock: Omit<Lock, 'files'>): Promise<void> {
    for (const [path, taken] of this.#taken) if (taken.in === 'target') await this.#takeOver(path);
    const files = [...this.#taken].map(([path, { file, sha256 }]) => [path, { size: file.size, sha256 }] as const);
    await writeLock(this.#workplace.dir, {
      ...lock,
      files: Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1))),
    });
    await this.#workplace.publish(new Set(this.#taken.keys()));
  }

  count(): { files: number; bytes: number; downloadedBytes: number } {
    return { files: this.#taken.size, bytes: this.#totalBytes, downloadedBytes: this.#downloadedBytes };
  }

  async #takeWhatIsThere(path: string, file: HubFile): Promise<void> {
    for (const place of ['target', 'workplace'] as const) {
      const sha256 = await verify(join(place === 'target' ? this.#workplace.target : this.#workplace.dir, path), file);
      if (sha256 !== undefined) return this.#note(path, { file, sha256, in: place });
    }
  }

  #note(path: string, taken: Taken): void {
    this.#request.signal.throwIfAborted();
    this.#taken.set(path, taken);
    this.#doneBytes += taken.file.size;
    this.#report(this.#doneBytes);
  }

  #report(bytes: number): void {
    this.#request.onProgress(bytes, Math.max(this.#totalBytes, this.#expectedBytes));
  }

  #where(path: string): string {
    const { target, dir } = this.#workplace;
    return join(this.#taken.get(path)?.in === 'target' ? target : dir, path);
  }

  async #bytesToCome(path: string, file: HubFile): Promise<number> {
    const part = await stat(join(this.#workplace.dir, `${path}.part`)).catch(() => undefined);
    return file.size - Math.min(file.size, part?.size ?? 0);
  }

  /** A file that did not change from the model before: the same bytes under a second name, where the disk can do that. */
  async #takeOver(path: string): Promise<void> {
    const [from, to] = [join(this.#workplace.target, path), join(this.#workplace.dir, path)];
    await mkdir(dirname(to), { recursive: true });
    // An earlier pull may have left another commit's file there.
    await rm(to, { force: true });
    await link(from, to).catch(() => copyFile(from, to));
  }
}
