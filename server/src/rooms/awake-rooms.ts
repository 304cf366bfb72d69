import type { Room } from './room.js';

/** Why a room cannot be loaded. */
export type LoadFailure = 'missing' | 'unreadable' | 'elsewhere';

/** Loading a room costs as much as its whole drawing. A member who reloads the page finds it awake. */
const STAY_AWAKE_MS = 30_000;

/** Rooms in memory: those somebody is in, and those that were left or loaded a moment ago. */
export class AwakeRooms {
  readonly #load: (id: string) => Promise<Room | LoadFailure>;
  readonly #rooms = new Map<string, Room>();
  readonly #loading = new Map<string, Promise<LoadFailure | undefined>>();
  /** For rooms that nobody is in. */
  readonly #sleepTimers = new Map<string, NodeJS.Timeout>();

  readonly #onAsleep: (id: string) => void;

  /** @param onAsleep called when a room is no longer in memory */
  constructor(load: (id: string) => Promise<Room | LoadFailure>, onAsleep: (id: string) => void) {
    this.#load = load;
    this.#onAsleep = onAsleep;
  }

  /** Rooms that somebody is in. */
  get occupied(): number {
    return this.#rooms.size - this.#sleepTimers.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Room]> {
    return this.#rooms.entries();
  }

  /** Whether a room is in memory, or will be. */
  has(id: string): boolean {
    return this.#rooms.has(id) || this.#loading.has(id);
  }

  get(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  /** Loads a room unless it is awake. Everybody who asks meanwhile shares one load. It then stays awake for a while. */
  load(id: string): Promise<LoadFailure | undefined> {
    if (this.#rooms.has(id)) {
      // The client that asked is about to enter.
      if (this.#sleepTimers.has(id)) this.letSleep(id);
      return Promise.resolve(undefined);
    }
    const loading = this.#loading.get(id) ?? this.#start(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  async #start(id: string): Promise<LoadFailure | undefined> {
    const room = await this.#load(id);
    if (typeof room === 'string') return room;
    this.#rooms.set(id, room);
    this.letSleep(id);
    return undefined;
  }

  /** Keeps a room that somebody entered. */
  keep(id: string): void {
    clearTimeout(this.#sleepTimers.get(id));
    this.#sleepTimers.delete(id);
  }

  /** Forgets a room after a while, unless somebody enters. */
  letSleep(id: string): void {
    this.keep(id);
    const sleep = () => {
      this.#sleepTimers.delete(id);
      this.#rooms.delete(id);
      this.#onAsleep(id);
    };
    this.#sleepTimers.set(id, setTimeout(sleep, STAY_AWAKE_MS).unref());
  }

  /** Forgets a room at once. */
  drop(id: string): void {
    this.keep(id);
    this.#rooms.delete(id);
  }

  stop(): void {
    for (const timer of this.#sleepTimers.values()) clearTimeout(timer);
  }
}
