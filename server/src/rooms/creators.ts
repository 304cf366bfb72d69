import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../token-bucket.js';

/** There are too many rooms, or too many of one address. */
export interface TooMany {
  readonly retryAfterS: number;
}

export interface CreatorsOptions {
  /** Most rooms on this server. */
  readonly maxRooms: number;
  /** Rooms that one address or one subject may create in an hour. */
  readonly maxRoomsPerHour: number;
  /** Whether a room still exists. */
  readonly exists: (id: string) => boolean;
  readonly now: () => number;
}

/** An address or a subject that creates rooms. */
interface Creator {
  readonly pace: TokenBucket;
  /** Its rooms that still exist, as far as is known. */
  readonly rooms: Set<string>;
}

const HOUR_S = 3_600;
const MAX_CREATORS = 10_000;
/** The rooms of one address may take up this part of all. */
const SHARE = 1 / 4;

/** Limits how many rooms each address, and each subject of tokens, may create. */
export class Creators {
  readonly #options: CreatorsOptions;
  readonly #creators = new LRUCache<string, Creator>({ max: MAX_CREATORS });

  constructor(options: CreatorsOptions) {
    this.#options = options;
  }

  /**
   * Counts a new room against the limits.
   *
   * @param by who creates it: an address, and perhaps a subject
   * @param existing rooms on this server
   * @returns undefined if it may be created
   */
  register(id: string, by: readonly string[], existing: number): TooMany | undefined {
    const { maxRooms } = this.#options;
    const creators = by.map((name) => this.#creatorOf(name));
    for (const { rooms } of creators) this.#forgetGone(rooms);
    const hasCapacity = creators.every(({ rooms }) => rooms.size < Math.ceil(maxRooms * SHARE));
    // Capacity is freed when rooms without a drawing are forgotten.
    if (existing >= maxRooms || !hasCapacity) return { retryAfterS: HOUR_S };
    const waitMs = Math.max(...creators.map(({ pace }) => pace.waitMs(1)));
    if (waitMs > 0) return { retryAfterS: Math.ceil(waitMs / 1_000) };
    for (const { rooms, pace } of creators) {
      pace.spend(1);
      rooms.add(id);
    }
    return undefined;
  }

  #forgetGone(rooms: Set<string>): void {
    for (const created of rooms) if (!this.#options.exists(created)) rooms.delete(created);
  }

  #creatorOf(name: string): Creator {
    const known = this.#creators.get(name);
    if (known) return known;
    const { maxRoomsPerHour, now } = this.#options;
    const pace = new TokenBucket({ perSecond: maxRoomsPerHour / HOUR_S, capacity: maxRoomsPerHour, now });
    const creator = { pace, rooms: new Set<string>() };
    this.#creators.set(name, creator);
    return creator;
  }
}
