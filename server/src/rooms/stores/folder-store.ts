import { renameSync, rmSync } from 'node:fs';
import { open, readFile, rename, utimes } from 'node:fs/promises';
import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { roomPath, scanFolder, type FoundRoom } from './folder-scan.js';
import { decodeRoomFile, encodeRoomFile } from './room-file.js';
import { isUntouched, ttlOf, type RoomRecord, type RoomStore } from './room-store.js';
import { RoomWriter, type RetryTimes } from './room-writer.js';

export interface FolderStoreOptions {
  readonly dir: string;
  readonly ttlMs: number;
  readonly log: Logger;
  /** A monotonic clock, ms. */
  readonly now?: () => number;
  readonly retryMs?: RetryTimes;
}

/** When a room in the folder was used last. */
interface Kept {
  /** On the monotonic clock; before the start for a file that was already there. */
  readonly atMs: number;
  readonly wallMs: number;
  readonly isUntouched: boolean;
}

/** Keeps rooms in a folder across restarts, one file each. */
export class FolderStore implements RoomStore {
  readonly isDurable = true;
  readonly #options: FolderStoreOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #writer: RoomWriter;
  readonly #now: () => number;

  private constructor(options: FolderStoreOptions, found: readonly FoundRoom[]) {
    const { now = () => performance.now(), log, retryMs } = options;
    this.#options = options;
    this.#now = now;
    this.#writer = new RoomWriter({
      write: (id, record) => writeSafely(this.#pathOf(id), encodeRoomFile(record)),
      log,
      retryMs,
    });
    for (const { id, mtimeMs, isUntouched } of found) {
      const ageMs = Math.max(0, Date.now() - mtimeMs);
      this.#kept.set(id, { atMs: now() - ageMs, wallMs: mtimeMs, isUntouched });
    }
  }

  /** @throws UsageError if the folder cannot be read and written */
  static open(options: FolderStoreOptions): FolderStore {
    const { dir } = options;
    try {
      return new FolderStore(options, scanFolder(dir));
    } catch (error) {
      throw new UsageError(`rooms cannot be kept in ${dir}: ${(error as Error).message}`, { cause: error });
    }
  }

  get size(): number {
    return this.#kept.size;
  }

  get unsafe(): ReadonlySet<string> {
    return this.#writer.unsafe;
  }

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  async load(id: string): Promise<RoomRecord | 'unreadable' | undefined> {
    if (!this.#kept.has(id)) return undefined;
    const pending = this.#writer.pending(id);
    if (pending) return pending;
    try {
      return decodeRoomFile(await readFile(this.#pathOf(id)));
    } catch (error) {
      return this.#handleLoadError(id, error as NodeJS.ErrnoException);
    }
  }

  /** An error of the machine (no descriptors, no permission, a bad disk) does not mean that the file is broken. */
  #handleLoadError(id: string, error: NodeJS.ErrnoException): 'unreadable' | undefined {
    if (error.code === undefined) this.setAside(id, error.message);
    else if (error.code === 'ENOENT') this.#kept.delete(id);
    else {
      this.#options.log.error({ err: error, room: id }, 'a room could not be read');
      return 'unreadable';
    }
    return undefined;
  }

  touch(id: string): boolean {
    const kept = this.#kept.get(id);
    if (!kept) return false;
    this.#keep(id, kept.isUntouched);
    const now = new Date();
    // A file that does not exist yet gets its time when it is written.
    utimes(this.#pathOf(id), now, now).catch(() => undefined);
    return true;
  }

  save(id: string, record: RoomRecord): void {
    this.#keep(id, isUntouched(record));
    this.#writer.save(id, record);
  }

  setAside(id: string, reason: string): void {
    const path = this.#pathOf(id);
    this.#kept.delete(id);
    this.#writer.discard(id);
    this.#options.log.warn({ file: `${path}.broken`, reason }, 'the file of a room was set aside');
    try {
      renameSync(path, `${path}.broken`);
    } catch {
      // The file does not exist.
    }
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Forgets rooms whose time is over by both clocks, because somebody may have set the wall clock. */
  forgetOld(): void {
    const [nowMs, wallMs] = [this.#now(), Date.now()];
    for (const [id, kept] of this.#kept) {
      const ttlMs = ttlOf(kept.isUntouched, this.#options.ttlMs);
      if (nowMs - kept.atMs < ttlMs || wallMs - kept.wallMs < ttlMs || this.#writer.pending(id)) continue;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    try {
      rmSync(this.#pathOf(id), { force: true });
      this.#kept.delete(id);
    } catch (error) {
      this.#options.log.error({ err: error, room: id }, 'an old room could not be deleted');
    }
  }

  #keep(id: string, isUntouched: boolean): void {
    this.#kept.set(id, { atMs: this.#now(), wallMs: Date.now(), isUntouched });
  }

  #pathOf(id: string): string {
    return roomPath(this.#options.dir, id);
  }
}

/** Replaces a file as a whole or not at all. */
async function writeSafely(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}
