import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { decodeRoomFile, encodeRoomFile } from './room-file.js';
import { isUntouched, ttlOf, type RoomRecord, type RoomStore } from './room-store.js';

export interface FolderStoreOptions {
  readonly dir: string;
  readonly ttlMs: number;
  readonly log: Logger;
  /** A clock that never jumps, ms. */
  readonly now?: () => number;
  /** Time between tries when a room cannot be saved; it doubles up to the longest. */
  readonly retryMs?: { readonly first: number; readonly longest: number };
}

/** A room in the folder. */
interface Kept {
  /** When it was saved or left last, on a clock that never jumps; before the start for a file that was there. */
  readonly atMs: number;
  /** The same by the clock on the wall. */
  readonly wallMs: number;
  readonly isUntouched: boolean;
}

const FILE = /^([\w-]{22})\.room$/;
const LOOK_EVERY_MS = 600_000;
/** The file of an untouched room is smaller. */
const SMALL_BYTES = 16_384;
const RETRY_MS = { first: 1_000, longest: 60_000 } as const;
const TRIES_AT_STOP = 3;
const PROBE_BYTES = 65_536;

/** Keeps rooms in a folder, one file each, across restarts. A file is replaced as a whole or not at all. */
export class FolderStore implements RoomStore {
  readonly isDurable = true;
  readonly #options: FolderStoreOptions;
  readonly #kept = new Map<string, Kept>();
  /** What is not safe yet. */
  readonly #pending = new Map<string, RoomRecord>();
  readonly #unsafe = new Set<string>();
  readonly #now: () => number;
  readonly #lookTimer: NodeJS.Timeout;
  #retryTimer: NodeJS.Timeout | undefined;
  #retryMs: number;
  #isClosed = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: FolderStoreOptions) {
    const { now = () => performance.now(), retryMs = RETRY_MS } = options;
    this.#options = options;
    this.#now = now;
    this.#retryMs = retryMs.first;
    this.#lookTimer = setInterval(() => this.forgetOld(), LOOK_EVERY_MS).unref();
  }

  /** @throws UsageError if the folder cannot be read and written */
  static open(options: FolderStoreOptions): FolderStore {
    const store = new FolderStore(options);
    const { dir } = options;
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      probe(join(dir, '.probe'));
      for (const name of readdirSync(dir)) store.#find(name);
    } catch (error) {
      clearInterval(store.#lookTimer);
      throw new UsageError(`rooms cannot be kept in ${dir}: ${(error as Error).message}`, { cause: error });
    }
    return store;
  }

  get size(): number {
    return this.#kept.size;
  }

  get unsafe(): ReadonlySet<string> {
    return this.#unsafe;
  }

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  load(id: string): RoomRecord | 'unreadable' | undefined {
    if (!this.#kept.has(id)) return undefined;
    const pending = this.#pending.get(id);
    if (pending) return pending;
    try {
      return decodeRoomFile(readFileSync(this.#pathOf(id)));
    } catch (error) {
      return this.#handleLoadError(id, error as NodeJS.ErrnoException);
    }
  }

  /** What is wrong with the machine (no descriptors, no permission, a bad disk) says nothing about the file. */
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
    this.#kept.set(id, this.#keptNow(kept.isUntouched));
    const now = new Date();
    // A file that is not there yet is written with its time.
    utimes(this.#pathOf(id), now, now).catch(() => undefined);
    return true;
  }

  save(id: string, record: RoomRecord): void {
    this.#kept.set(id, this.#keptNow(isUntouched(record)));
    this.#pending.set(id, record);
    this.#enqueue(id);
  }

  setAside(id: string, reason: string): void {
    const path = this.#pathOf(id);
    this.#kept.delete(id);
    this.#pending.delete(id);
    this.#unsafe.delete(id);
    this.#options.log.warn({ file: `${path}.broken`, reason }, 'the file of a room was set aside');
    try {
      renameSync(path, `${path}.broken`);
    } catch {
      // It is not there.
    }
  }

  flush(): Promise<void> {
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#lookTimer);
    clearTimeout(this.#retryTimer);
    this.#isClosed = true;
    await this.#writing;
    const { first } = this.#options.retryMs ?? RETRY_MS;
    for (let tries = TRIES_AT_STOP; tries > 0 && this.#unsafe.size > 0; tries--) {
      await wait(first / 2);
      this.#retry();
      await this.#writing;
    }
    if (this.#unsafe.size > 0)
      this.#options.log.error({ rooms: [...this.#unsafe] }, 'rooms were lost: they cannot be saved');
  }

  /** Forgets rooms whose time is over by both clocks: the one on the wall may have been set. */
  forgetOld(): void {
    const [nowMs, wallMs] = [this.#now(), Date.now()];
    for (const [id, kept] of this.#kept) {
      const ttlMs = ttlOf(kept.isUntouched, this.#options.ttlMs);
      if (nowMs - kept.atMs < ttlMs || wallMs - kept.wallMs < ttlMs || this.#pending.has(id)) continue;
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

  #keptNow(isUntouched: boolean): Kept {
    return { atMs: this.#now(), wallMs: Date.now(), isUntouched };
  }

  // ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #enqueue(id: string): void {
    this.#writing = this.#writing.then(() => this.#write(id));
  }

  /** One after the other; of a room that was saved again meanwhile only the newest is written. */
  async #write(id: string): Promise<void> {
    const record = this.#pending.get(id);
    if (!record) return;
    const path = this.#pathOf(id);
    try {
      await writeSafely(path, encodeRoomFile(record));
      if (this.#pending.get(id) === record) this.#pending.delete(id);
      this.#unsafe.delete(id);
      this.#retryMs = (this.#options.retryMs ?? RETRY_MS).first;
    } catch (error) {
      // It stays in memory, and is tried again.
      if (!this.#unsafe.has(id)) this.#options.log.error({ err: error, room: id }, 'a room could not be saved');
      this.#unsafe.add(id);
      this.#retryLater();
    }
  }

  #retryLater(): void {
    if (this.#retryTimer || this.#isClosed) return;
    const { longest } = this.#options.retryMs ?? RETRY_MS;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#retry();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(longest, 2 * this.#retryMs);
  }

  #retry(): void {
    for (const id of this.#unsafe) this.#enqueue(id);
  }

  // ── the folder ────────────────────────────────────────────────────────────────────────────────────────────────────

  #find(name: string): void {
    const path = join(this.#options.dir, name);
    // What a crash left half written; the file itself is whole.
    if (name.endsWith('.room.tmp')) rmSync(path);
    const id = FILE.exec(name)?.[1];
    if (!id) return;
    const { mtimeMs, size } = statSync(path);
    const ageMs = Math.max(0, Date.now() - mtimeMs);
    const isUntouched = size < SMALL_BYTES && readsUntouched(path);
    this.#kept.set(id, { atMs: this.#now() - ageMs, wallMs: mtimeMs, isUntouched });
  }

  #pathOf(id: string): string {
    return join(this.#options.dir, `${id}.room`);
  }
}

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

/** Whether a file can be written: a full or read-only disk is told at the start. */
function probe(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, new Uint8Array(PROBE_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

function readsUntouched(path: string): boolean {
  try {
    return isUntouched(decodeRoomFile(readFileSync(path)));
  } catch {
    return false;
  }
}
