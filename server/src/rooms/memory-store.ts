import { LRUCache } from 'lru-cache';
import type { RoomRecord, RoomStore } from './room-store.js';

export interface MemoryStoreOptions {
  readonly maxRooms: number;
  readonly ttlMs: number;
}

/** Of all rooms together; those that were left first go first. */
const MAX_BYTES = 256 * 1024 * 1024;
/** What a room costs beside its drawing and its picture. */
const ROOM_BYTES = 1_024;

/** Keeps rooms as long as the server runs. */
export class MemoryStore implements RoomStore {
  readonly isDurable = false;
  readonly #records: LRUCache<string, RoomRecord>;

  constructor({ maxRooms, ttlMs }: MemoryStoreOptions) {
    this.#records = new LRUCache({
      max: maxRooms,
      ttl: ttlMs,
      ttlAutopurge: true,
      maxSize: MAX_BYTES,
      sizeCalculation: ({ doc, image }) => ROOM_BYTES + doc.length + (image?.data.length ?? 0),
    });
  }

  get size(): number {
    return this.#records.size;
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  load(id: string): RoomRecord | undefined {
    return this.#records.get(id);
  }

  touch(id: string): boolean {
    return this.#records.get(id, { updateAgeOnGet: true }) !== undefined;
  }

  save(id: string, record: RoomRecord): void {
    this.#records.set(id, record);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#records.clear();
    return Promise.resolve();
  }
}
