import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import { decodeRoomFile, encodeRoomFile } from './room-file.js';
import type { RoomRecord, RoomStore } from './room-store.js';

export interface FolderStoreOptions {
  readonly dir: string;
  readonly ttlMs: number;
  readonly log: Logger;
}

const FILE = /^([\w-]{22})\.room$/;
const LOOK_EVERY_MS = 600_000;

/** Keeps rooms in a folder, one file each, across restarts. A file is replaced as a whole or not at all. */
export class FolderStore implements RoomStore {
  readonly isDurable = true;
  readonly #options: FolderStoreOptions;
  /** When each was saved, ms since 1970. */
  readonly #saved = new Map<string, number>();
  /** What is not safe yet. */
  readonly #pending = new Map<string, RoomRecord>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: FolderStoreOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#forgetOld(), LOOK_EVERY_MS).unref();
  }

  /** @throws UsageError when the folder cannot be used */
  static open(options: FolderStoreOptions): FolderStore {
    const store = new FolderStore(options);
    const { dir } = options;
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(dir)) store.#find(name);
    } catch (error) {
      clearInterval(store.#timer);
      throw new UsageError(`rooms cannot be kept in ${dir}: ${(error as Error).message}`, { cause: error });
    }
    store.#forgetOld();
    return store;
  }

  get size(): number {
    return this.#saved.size;
  }

  has(id: string): boolean {
    return this.#saved.has(id);
  }

  load(id: string): RoomRecord | undefined {
    if (!this.#saved.has(id)) return undefined;
    const pending = this.#pending.get(id);
    if (pending) return pending;
    const path = this.#pathOf(id);
    try {
      return decodeRoomFile(readFileSync(path));
    } catch (error) {
      this.#saved.delete(id);
      this.#setAside(path, error as Error);
      return undefined;
    }
  }

  touch(id: string): boolean {
    if (!this.#saved.has(id)) return false;
    const now = new Date();
    this.#saved.set(id, now.getTime());
    // A file that is not there yet is written with its time.
    utimes(this.#pathOf(id), now, now).catch(() => undefined);
    return true;
  }

  save(id: string, record: RoomRecord): void {
    this.#saved.set(id, Date.now());
    this.#pending.set(id, record);
    this.#writing = this.#writing.then(() => this.#write(id));
  }

  flush(): Promise<void> {
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** One after the other; of a room that was saved again meanwhile only the newest is written. */
  async #write(id: string): Promise<void> {
    const record = this.#pending.get(id);
    if (!record) return;
    const path = this.#pathOf(id);
    try {
      const file = await open(`${path}.tmp`, 'w', 0o600);
      try {
        await file.writeFile(encodeRoomFile(record));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.tmp`, path);
      if (this.#pending.get(id) === record) this.#pending.delete(id);
    } catch (error) {
      // It stays in memory, and is written with the next change.
      this.#options.log.error({ err: error, room: id }, 'a room could not be saved');
    }
  }

  #find(name: string): void {
    const path = join(this.#options.dir, name);
    // What a crash left half written; the file itself is whole.
    if (name.endsWith('.room.tmp')) rmSync(path);
    const id = FILE.exec(name)?.[1];
    if (id) this.#saved.set(id, statSync(path).mtimeMs);
  }

  #forgetOld(): void {
    const before = Date.now() - this.#options.ttlMs;
    for (const [id, savedMs] of this.#saved) {
      if (savedMs >= before || this.#pending.has(id)) continue;
      this.#saved.delete(id);
      rmSync(this.#pathOf(id), { force: true });
    }
  }

  #setAside(path: string, error: Error): void {
    this.#options.log.warn({ file: `${path}.broken`, reason: error.message }, 'the file of a room was set aside');
    try {
      renameSync(path, `${path}.broken`);
    } catch {
      // It is not there.
    }
  }

  #pathOf(id: string): string {
    return join(this.#options.dir, `${id}.room`);
  }
}
