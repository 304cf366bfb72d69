import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Room, RoomEvents } from '../room/room.js';

interface RoomEventsHost extends ReactiveControllerHost {
  readonly room: Room | null;
}

type Listeners = { readonly [Name in keyof RoomEvents]?: (event: RoomEvents[Name]) => void };

/** Follows the host's `room`: the host renders again when the room changed, and hears what else it listens to. */
export class RoomEventsController implements ReactiveController {
  readonly #host: RoomEventsHost;
  readonly #listeners: [string, EventListener][];
  #room: Room | null = null;

  constructor(host: RoomEventsHost, listeners: Listeners = {}) {
    this.#host = host;
    this.#listeners = Object.entries({ change: () => host.requestUpdate(), ...listeners }) as [string, EventListener][];
    host.addController(this);
  }

  hostConnected(): void {
    this.#follow(this.#host.room);
  }

  hostUpdate(): void {
    this.#follow(this.#host.room);
  }

  hostDisconnected(): void {
    this.#follow(null);
  }

  #follow(room: Room | null): void {
    if (room === this.#room) return;
    for (const [name, listener] of this.#listeners) {
      this.#room?.removeEventListener(name as keyof RoomEvents, listener);
      room?.addEventListener(name as keyof RoomEvents, listener);
    }
    this.#room = room;
  }
}
