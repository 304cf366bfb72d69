import type { Guard } from '../guard.js';
import type { AwakeRooms } from './awake-rooms.js';
import type { Room } from './room.js';
import type { RoomStore } from './stores/room-store.js';

export interface RoomSaverOptions {
  readonly awake: AwakeRooms;
  readonly store: RoomStore;
  readonly guard: Guard;
  readonly now: () => number;
}

/** Rooms that somebody is in are marked as used this often. */
const TOUCH_EVERY_MS = 600_000;
/** A crash loses at most this much of a drawing. Its authors still have it and restore it when they reconnect. */
const SAVE_EVERY_MS = 5_000;
const FORGET_EVERY_MS = 60_000;

/** Saves the rooms that somebody is in: those that changed every few seconds, and on request. */
export class RoomSaver {
  readonly #options: RoomSaverOptions;
  readonly #forgetTimer: NodeJS.Timeout;
  readonly #saveTimer: NodeJS.Timeout | undefined;
  #touchedMs: number;

  constructor(options: RoomSaverOptions) {
    const { store, guard, now } = options;
    this.#options = options;
    this.#touchedMs = now();
    const forget = () => store.forgetOld();
    this.#forgetTimer = setInterval(() => guard('rooms', forget, () => undefined), FORGET_EVERY_MS).unref();
    const save = () => this.#saveChanged();
    if (store.isDurable) this.#saveTimer = setInterval(() => guard('rooms', save, () => undefined), SAVE_EVERY_MS);
  }

  /** Saves a room that its last member has left. */
  put(id: string, room: Room): void {
    const { store } = this.#options;
    if (room.isUnsaved || !store.touch(id)) store.save(id, room.takeRecord());
  }

  /** Saves every room that changed. Resolves when they are safe. */
  async saveAll(): Promise<void> {
    const { store } = this.#options;
    if (store.isDurable) this.#saveChanged();
    await store.flush();
  }

  stop(): void {
    clearInterval(this.#forgetTimer);
    clearInterval(this.#saveTimer);
  }

  #saveChanged(): void {
    const { awake, now, guard } = this.#options;
    const isTouchDue = now() - this.#touchedMs >= TOUCH_EVERY_MS;
    if (isTouchDue) this.#touchedMs = now();
    for (const [id, room] of awake) {
      guard(
        'room',
        () => this.#save(id, room, isTouchDue),
        () => room.end(),
      );
    }
  }

  #save(id: string, room: Room, isTouchDue: boolean): void {
    const { store } = this.#options;
    if (room.isUnsaved) store.save(id, room.takeRecord());
    else if (isTouchDue && room.size > 0) store.touch(id);
    room.tellSafe(!store.unsafe.has(id));
  }
}
