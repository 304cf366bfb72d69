import { copyFile, link, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../../errors.js';
import { chooseFiles, type Choice } from './choose-files.js';
import { download, verify } from './download.js';
import { createHubFetch } from './hub-fetch.js';
import { Hub, type HubFile } from './hub.js';
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
  readonly onProgress: (bytes: number, of: number) => void;
  /** Ends the pull; what has come stays for the next one. */
  readonly signal: AbortSignal;
}

export interface Pulled {
  readonly dir: string;
  readonly commit: string;
  readonly files: number;
  readonly bytes: number;
  /** Of those, what came over the network now. */
  readonly downloadedBytes: number;
}

/**
 * Brings a model from the hub into a folder, which has its name only when every file is there and right.
 *
 * @throws UsageError for everything that a person can mend
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
  const { repository, revision, target, endpoint, token, signal } = request;
  const model = revision === undefined ? repository : `${repository}@${revision}`;
  const hub = new Hub(endpoint, repository, createHubFetch({ endpoint, token, model, signal }));
  const commit = await hub.commitOf(revision ?? 'main');
  const chosen = chooseNamed(await hub.files(commit), request);
  const workplace = await Workplace.open(target);
  try {
    const work = new Work(workplace, chosen, request);
    const lock = { repository, revision: revision ?? 'main', commit, variant: request.variant ?? null };
    const done = { dir: target, commit, files: chosen.size, bytes: work.totalBytes };
    if (await work.isDone(lock)) {
      await workplace.discard();
      return { ...done, downloadedBytes: 0 };
    }
    const downloadedBytes = await work.fetchMissing((path, from) => hub.open(commit, path, from));
    await writeLock(workplace.dir, { ...lock, files: work.lockedFiles() });
    await workplace.publish(new Set(chosen.keys()));
    return { ...done, downloadedBytes };
  } finally {
    await workplace.close();
  }
}

function chooseNamed(files: readonly HubFile[], request: PullRequest): Map<string, HubFile> {
  try {
    return chooseFiles(files, request);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${request.repository}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The files of one pull: which are there, which are to come. */
class Work {
  readonly totalBytes: number;
  readonly #workplace: Workplace;
  readonly #files: ReadonlyMap<string, HubFile>;
  readonly #request: PullRequest;
  readonly #sha256s = new Map<string, string>();
  #doneBytes = 0;

  constructor(workplace: Workplace, files: ReadonlyMap<string, HubFile>, request: PullRequest) {
    this.#workplace = workplace;
    this.#files = files;
    this.#request = request;
    this.totalBytes = [...files.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Whether the model is there already, every byte of it. Finds out what is there at all. */
  async isDone(lock: Omit<Lock, 'files'>): Promise<boolean> {
    const { dir, target } = this.#workplace;
    let inTarget = 0;
    for (const [path, file] of this.#files) {
      const old = await verify(join(target, path), file);
      const sha256 = old ?? (await verify(join(dir, path), file));
      if (sha256 === undefined) continue;
      if (old !== undefined) inTarget++;
      this.#done(path, file, sha256);
    }
    const before = await readLock(target);
    const isSame = before?.commit === lock.commit && before.variant === lock.variant;
    const names = Object.keys(before?.files ?? {});
    return isSame && inTarget === this.#files.size && names.length === this.#files.size;
  }

  /** @returns bytes that came over the network */
  async fetchMissing(open: (path: string, from: number) => Promise<Response>): Promise<number> {
    const missing = [...this.#files].filter(([path]) => !this.#sha256s.has(path));
    const toCome = await Promise.all(missing.map(([path, file]) => this.#bytesToCome(path, file)));
    const bytes = toCome.reduce((sum, size) => sum + size, 0);
    await this.#workplace.requireRoom(bytes);
    for (const path of this.#sha256s.keys()) await this.#takeOver(path);
    for (const [path, file] of missing) {
      const sha256 = await download({
        file,
        path: join(this.#workplace.dir, path),
        open: (from) => open(file.path, from),
        onProgress: (done) => this.#request.onProgress(this.#doneBytes + done, this.totalBytes),
        signal: this.#request.signal,
      });
      this.#done(path, file, sha256);
    }
    return bytes;
  }

  lockedFiles(): Lock['files'] {
    const entries = [...this.#files].map(
      ([path, { size }]) => [path, { size, sha256: this.#sha256s.get(path)! }] as const,
    );
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #done(path: string, file: HubFile, sha256: string): void {
    this.#request.signal.throwIfAborted();
    this.#sha256s.set(path, sha256);
    this.#doneBytes += file.size;
    this.#request.onProgress(this.#doneBytes, this.totalBytes);
  }

  async #bytesToCome(path: string, file: HubFile): Promise<number> {
    const part = await stat(join(this.#workplace.dir, `${path}.part`)).catch(() => undefined);
    return file.size - Math.min(file.size, part?.size ?? 0);
  }

  /** A file that did not change from the model before: the same bytes under a second name, where the disk can do that. */
  async #takeOver(path: string): Promise<void> {
    const [from, to] = [join(this.#workplace.target, path), join(this.#workplace.dir, path)];
    if (await stat(to).catch(() => undefined)) return;
    await mkdir(dirname(to), { recursive: true });
    await link(from, to).catch(() => copyFile(from, to));
  }
}
