import { isUntouched, ttlOf, type RoomRecord, type RoomStore } from './room-store.js';

export interface MemoryStoreOptions {
  readonly ttlMs: number;
  /** Most memory of all rooms together. */
  readonly maxBytes?: number;
  /** Clock in ms. */
  readonly now: () => number;
}

interface Kept {
  readonly record: RoomRecord;
  readonly bytes: number;
  /** The address that created it. */
  readonly by: string;
  readonly untilMs: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** Memory of a room beside its drawing and its image. */
const ROOM_BYTES = 1_024;

/**
 * Keeps rooms as long as the server runs. If they take too much memory, the address whose rooms take the most loses the one
 * it used longest ago, so nobody loses rooms to somebody who has more.
 */
export class MemoryStore implements RoomStore {
  readonly isDurable = false;
  readonly unsafe: ReadonlySet<string> = new Set();
  readonly #options: MemoryStoreOptions;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  readonly #bytesBy = new Map<string, number>();
  #bytes = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  has(id: string): boolean {
    return this.#kept.has(id);
  }

  load(id: string): Promise<RoomRecord | undefined> {
    return Promise.resolve(this.#kept.get(id)?.record);
  }

  touch(id: string): boolean {
    const kept = this.#kept.get(id);
    if (kept) this.save(id, kept.record);
    return kept !== undefined;
  }

  save(id: string, record: RoomRecord, by = this.#kept.get(id)?.by ?? ''): void {
    this.#delete(id);
    const bytes = ROOM_BYTES + record.drawing.length + (record.image?.data.length ?? 0);
    const untilMs = this.#options.now() + ttlOf(isUntouched(record), this.#options.ttlMs);
    this.#kept.set(id, { record, bytes, by, untilMs });
    this.#account(by, bytes);
    this.#makeSpace();
  }

  setAside(id: string): void {
    this.#delete(id);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  forgetOld(): void {
    const nowMs = this.#options.now();
    for (const [id, { untilMs }] of this.#kept) if (untilMs <= nowMs) this.#delete(id);
  }

  close(): Promise<void> {
    this.#kept.clear();
    return Promise.resolve();
  }

  #delete(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    this.#account(kept.by, -kept.bytes);
  }

  #account(by: string, bytes: number): void {
    this.#bytes += bytes;
    const sum = (this.#bytesBy.get(by) ?? 0) + bytes;
    if (sum > 0) this.#bytesBy.set(by, sum);
    else this.#bytesBy.delete(by);
  }

  #makeSpace(): void {
    const { maxBytes = MAX_BYTES } = this.#options;
    while (this.#bytes > maxBytes) {
      const [heaviest] = [...this.#bytesBy].reduce((most, each) => (each[1] > most[1] ? each : most));
      const [oldest] = [...this.#kept].find(([, { by }]) => by === heaviest)!;
      this.#delete(oldest);
    }
  }
}
