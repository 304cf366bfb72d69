import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../logger.js';
import type { RoomRecord } from './room-store.js';

/** Time between attempts to save a room; it doubles up to the longest. */
export interface RetryTimes {
  readonly first: number;
  readonly longest: number;
}

export interface RoomWriterOptions {
  /** Resolves when a record is safe. */
  readonly write: (id: string, record: RoomRecord) => Promise<void>;
  readonly log: Logger;
  readonly retryMs?: RetryTimes | undefined;
}

const RETRY_MS: RetryTimes = { first: 1_000, longest: 60_000 };
const TRIES_AT_STOP = 3;

/** Writes rooms one after the other, and tries again when a write fails. */
export class RoomWriter {
  readonly #options: RoomWriterOptions;
  readonly #retry: RetryTimes;
  /** Records that are not safe yet. */
  readonly #pending = new Map<string, RoomRecord>();
  readonly #unsafe = new Set<string>();
  #retryTimer: NodeJS.Timeout | undefined;
  #retryMs: number;
  #isClosed = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: RoomWriterOptions) {
    this.#options = options;
    this.#retry = options.retryMs ?? RETRY_MS;
    this.#retryMs = this.#retry.first;
  }

  /** Rooms whose last write failed. */
  get unsafe(): ReadonlySet<string> {
    return this.#unsafe;
  }

  /** The record of a room that is not safe yet. */
  pending(id: string): RoomRecord | undefined {
    return this.#pending.get(id);
  }

  save(id: string, record: RoomRecord): void {
    this.#pending.set(id, record);
    this.#enqueue(id);
  }

  /** Gives up a room whose record is of no use. */
  discard(id: string): void {
    this.#pending.delete(id);
    this.#unsafe.delete(id);
  }

  /** Resolves when all writes so far have succeeded or failed. */
  flush(): Promise<void> {
    return this.#writing;
  }

  /** Finishes all writes, and tries the failed ones a few times more. */
  async close(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#isClosed = true;
    await this.#writing;
    for (let tries = TRIES_AT_STOP; tries > 0 && this.#unsafe.size > 0; tries--) {
      await wait(this.#retry.first / 2);
      this.#retryAll();
      await this.#writing;
    }
    if (this.#unsafe.size > 0) {
      this.#options.log.error({ rooms: [...this.#unsafe] }, 'rooms were lost: they cannot be saved');
    }
  }

  #enqueue(id: string): void {
    this.#writing = this.#writing.then(() => this.#write(id));
  }

  /** Writes the newest record of a room; older ones in the queue find nothing left to write. */
  async #write(id: string): Promise<void> {
    const record = this.#pending.get(id);
    if (!record) return;
    try {
      await this.#options.write(id, record);
      if (this.#pending.get(id) === record) this.#pending.delete(id);
      this.#unsafe.delete(id);
      this.#retryMs = this.#retry.first;
    } catch (error) {
      // The record stays in memory until a later attempt succeeds.
      if (!this.#unsafe.has(id)) this.#options.log.error({ err: error, room: id }, 'a room could not be saved');
      this.#unsafe.add(id);
      this.#retryLater();
    }
  }

  #retryLater(): void {
    if (this.#retryTimer || this.#isClosed) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#retryAll();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retry.longest, 2 * this.#retryMs);
  }

  #retryAll(): void {
    for (const id of this.#unsafe) this.#enqueue(id);
  }
}
