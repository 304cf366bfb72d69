import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Choice } from './choose-files.js';
import { download, verify } from './download.js';
import { readDataNames } from './graph-data.js';
import type { HubFile } from './hub.js';
import { readLock, writeLock, type Lock } from './lock-file.js';
import type { Transport } from './proxied-fetch.js';
import type { Workplace } from './workplace.js';

export interface PullRequest extends Choice {
  /** OWNER/NAME. */
  readonly repository: string;
  /** A branch, a tag or a commit; undefined for the main branch. */
  readonly revision: string | undefined;
  /** Folder for the model. */
  readonly target: string;
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly transport: Transport;
  readonly onProgress: (bytes: number, of: number) => void;
  /** Stops the pull. Its files stay, for the next one to resume. */
  readonly signal: AbortSignal;
}

interface Taken {
  readonly file: HubFile;
  readonly sha256: string;
  /** In the folder of the earlier model, or in the workplace. */
  readonly in: 'target' | 'workplace';
}

/** The files of one pull: those already on disk if they are right, the others from the hub. */
export class PulledFiles {
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

  /** Sets the expected total for the progress bar, until the graphs have named their weights. */
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
    await this.#workplace.requireSpace(bytes);
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

  /** The names of each graph's weight files. */
  async dataOf(graphs: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
    const data = new Map<string, ReadonlySet<string>>();
    for (const path of graphs) data.set(path, await readDataNames(this.#where(path)));
    return data;
  }

  /** Whether the earlier model is exactly the requested one. */
  async changesNothing(lock: Omit<Lock, 'files'>): Promise<boolean> {
    const before = await readLock(this.#workplace.target);
    const isSame = before?.commit === lock.commit && before.variant === lock.variant;
    const isAllThere = [...this.#taken.values()].every((taken) => taken.in === 'target');
    return isSame && isAllThere && Object.keys(before.files).length === this.#taken.size;
  }

  /** Gathers all files in the workplace, writes the lock file, and publishes the folder. */
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

  /** Takes an unchanged file from the earlier model: as a hard link if the disk supports it. */
  async #takeOver(path: string): Promise<void> {
    const [from, to] = [join(this.#workplace.target, path), join(this.#workplace.dir, path)];
    await mkdir(dirname(to), { recursive: true });
    // An earlier pull may have left a file of another commit.
    await rm(to, { force: true });
    await link(from, to).catch(() => copyFile(from, to));
  }
}
