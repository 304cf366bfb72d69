import type { Room, RoomEvents } from '../room/room.js';
import type { AttachedHost } from './attached-controller.js';
import { ResourceController } from './resource-controller.js';

type RoomListeners = { readonly [Name in keyof RoomEvents]?: (event: RoomEvents[Name]) => void };

interface RoomEventsOptions {
  readonly room: () => Room | null;
  readonly listeners?: RoomListeners;
}

/** Listens to a room. The host updates when the room changes. */
export class RoomEventsController extends ResourceController<AttachedHost, [Room]> {
  readonly #room: () => Room | null;
  readonly #listeners: [keyof RoomEvents, EventListener][];

  constructor(host: AttachedHost, { room, listeners = {} }: RoomEventsOptions) {
    super(host);
    this.#room = room;
    const all = { change: () => host.requestUpdate(), ...listeners };
    this.#listeners = Object.entries(all) as [keyof RoomEvents, EventListener][];
  }

  protected wanted(): [Room] | null {
    const room = this.#room();
    return room && [room];
  }

  protected acquire(room: Room): () => void {
    for (const [name, listener] of this.#listeners) room.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of this.#listeners) room.removeEventListener(name, listener);
    };
  }
}
