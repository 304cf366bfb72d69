import type { Room, RoomEvents } from '../room/room.js';
import type { AttachedHost } from './attached-controller.js';
import { ResourceController } from './resource-controller.js';

type RoomListeners = { readonly [Name in keyof RoomEvents]?: (event: RoomEvents[Name]) => void };

interface RoomEventsOptions {
  readonly room: () => Room | null;
  readonly listeners?: RoomListeners;
  /** Called on every change of the drawing. */
  readonly onDrawing?: () => void;
}

/** Listens to a room. The host updates when the room changes. */
export class RoomEventsController extends ResourceController<AttachedHost, [Room]> {
  readonly #room: () => Room | null;
  readonly #onDrawing: () => void;
  readonly #listeners: [keyof RoomEvents, EventListener][];

  constructor(host: AttachedHost, { room, listeners = {}, onDrawing = () => undefined }: RoomEventsOptions) {
    super(host);
    this.#room = room;
    this.#onDrawing = onDrawing;
    const all = { change: () => host.requestUpdate(), ...listeners };
    this.#listeners = Object.entries(all) as [keyof RoomEvents, EventListener][];
  }

  protected wanted(): [Room] | null {
    const room = this.#room();
    return room && [room];
  }

  protected acquire(room: Room): () => void {
    for (const [name, listener] of this.#listeners) room.addEventListener(name, listener);
    room.drawing.addEventListener('change', this.#onDrawing);
    return () => {
      room.drawing.removeEventListener('change', this.#onDrawing);
      for (const [name, listener] of this.#listeners) room.removeEventListener(name, listener);
    };
  }
}
