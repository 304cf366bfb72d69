import type { ParamsPatch } from '@underpaint/shared';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SketchDrawing } from '../drawing/drawing.js';
import { newRoomKey, roomAddress, roomKeyOf } from '../room/room-address.js';
import type { Room, RoomOptions } from '../room/room.js';

/** What is loaded only for those who enter a room. */
export interface RoomParts {
  openRoom(options: Omit<RoomOptions, 'self'> & { readonly name: string; readonly guests: readonly string[] }): Room;
}

interface RoomHost extends ReactiveControllerHost {
  /** The key of the room; empty for none. */
  room: string;
  /** What the person is called; empty for as last time. */
  readonly person: string;
  readonly strings: { readonly guests: readonly string[]; readonly roomFailed: string };
  readonly client: { readonly params: ParamsPatch } | null;
  readonly sketch: { copyTo(drawing: SketchDrawing): Promise<void> };
  notify(words: string): void;
}

/** Owns the host's place in a room: the one its `room` names, the one in the address of the page, or a new one. */
export class RoomController implements ReactiveController {
  readonly #host: RoomHost;
  readonly #load: () => Promise<RoomParts>;
  #room: Room | null = null;
  #key = '';
  /** Whether the key came from the page's address, or goes there. */
  #isInAddress = false;
  #initialParams: ParamsPatch = {};

  constructor(host: RoomHost, load: () => Promise<RoomParts>) {
    this.#host = host;
    this.#load = load;
    host.addController(this);
  }

  /** Null outside of rooms, and while the parts are being loaded. */
  get room(): Room | null {
    return this.#room;
  }

  /** Whether a room is still to be opened. */
  get isOpening(): boolean {
    return this.#host.room !== '' && this.#room === null;
  }

  /** What a room that was made here begins with; others have parameters of their own. */
  get initialParams(): ParamsPatch {
    return this.#initialParams;
  }

  hostConnected(): void {
    globalThis.addEventListener('hashchange', this.#readAddress);
    if (this.#host.room === '') this.#readAddress();
  }

  hostUpdate(): void {
    const { room: key } = this.#host;
    if (key === this.#key) return;
    this.#key = key;
    this.#initialParams = {};
    if (key === '') this.#become(null);
    else this.#reopen();
  }

  hostDisconnected(): void {
    globalThis.removeEventListener('hashchange', this.#readAddress);
    this.#key = '';
    this.#become(null);
  }

  /** Makes a room of what the person has drawn so far. */
  async create(): Promise<void> {
    const key = newRoomKey();
    const room = await this.#prepare({ key, role: 'owner' });
    if (room === null) return;
    await this.#host.sketch.copyTo(room.drawing);
    this.#initialParams = this.#host.client?.params ?? {};
    this.#isInAddress = true;
    history.replaceState(history.state, '', roomAddress(location.href, key));
    this.#key = key;
    this.#host.room = key;
    this.#become(room);
  }

  /** The room goes on without the person here. */
  leave(): void {
    if (this.#isInAddress) history.replaceState(history.state, '', roomAddress(location.href, ''));
    this.#isInAddress = false;
    this.#host.room = '';
  }

  async #open(key: string): Promise<void> {
    const room = await this.#prepare({ key });
    if (room === null) return;
    // Meanwhile it may be another room that is wanted, or none.
    if (key === this.#key && this.#room === null) this.#become(room);
    else room.close();
  }

  /** @returns null when what rooms need could not be loaded, which is said */
  async #prepare(options: Pick<RoomOptions, 'key' | 'role'>): Promise<Room | null> {
    const { person, strings } = this.#host;
    try {
      const { openRoom } = await this.#load();
      return openRoom({ ...options, name: person, guests: strings.guests });
    } catch {
      this.#host.notify(strings.roomFailed);
      return null;
    }
  }

  #become(room: Room | null): void {
    if (room === this.#room) return;
    this.#room?.close();
    this.#room = room;
    room?.addEventListener('change', () => this.#host.requestUpdate());
    room?.addEventListener('refused', () => this.#reopen());
    this.#host.requestUpdate();
  }

  /** What the room has no place for goes, and the rest comes anew. */
  #reopen(): void {
    this.#become(null);
    void this.#open(this.#key);
  }

  #readAddress = (): void => {
    const key = roomKeyOf(location.href);
    if (key === '' && !this.#isInAddress) return;
    if (this.#host.room !== '' && !this.#isInAddress) return;
    this.#isInAddress = key !== '';
    this.#host.room = key;
  };
}
