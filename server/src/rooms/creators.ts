import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../token-bucket.js';

/** There are too many rooms, or too many of one address. */
export interface TooMany {
  readonly retryAfterS: number;
}

export interface CreatorsOptions {
  /** Most rooms on this server. */
  readonly maxRooms: number;
  /** Rooms that one address may create in an hour. */
  readonly maxRoomsPerHour: number;
  /** Whether a room still exists. */
  readonly exists: (id: string) => boolean;
  readonly now: () => number;
}

/** An address that creates rooms. */
interface Creator {
  readonly pace: TokenBucket;
  /** Its rooms that still exist, as far as is known. */
  readonly rooms: Set<string>;
}

const HOUR_S = 3_600;
const MAX_ADDRESSES = 10_000;
/** The rooms of one address may take up this part of all. */
const SHARE = 1 / 4;

/** Limits how many rooms each address may create. */
export class Creators {
  readonly #options: CreatorsOptions;
  readonly #creators = new LRUCache<string, Creator>({ max: MAX_ADDRESSES });

  constructor(options: CreatorsOptions) {
    this.#options = options;
  }

  /**
   * Counts a new room against the limits.
   *
   * @param existing rooms on this server
   * @returns undefined if it may be created
   */
  register(id: string, address: string, existing: number): TooMany | undefined {
    const { maxRooms, exists } = this.#options;
    const { rooms, pace } = this.#creatorOf(address);
    for (const created of rooms) if (!exists(created)) rooms.delete(created);
    const hasCapacity = existing < maxRooms && rooms.size < Math.ceil(maxRooms * SHARE);
    // Capacity is freed when rooms without a drawing are forgotten.
    if (!hasCapacity) return { retryAfterS: HOUR_S };
    if (!pace.take(1)) return { retryAfterS: Math.ceil(pace.waitMs(1) / 1_000) };
    rooms.add(id);
    return undefined;
  }

  #creatorOf(address: string): Creator {
    const known = this.#creators.get(address);
    if (known) return known;
    const { maxRoomsPerHour, now } = this.#options;
    const pace = new TokenBucket({ perSecond: maxRoomsPerHour / HOUR_S, capacity: maxRoomsPerHour, now });
    const creator = { pace, rooms: new Set<string>() };
    this.#creators.set(address, creator);
    return creator;
  }
}
