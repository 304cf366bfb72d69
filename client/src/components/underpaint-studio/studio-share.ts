import { roomAddress } from '../../room/room-address.js';
import type { Room } from '../../room/room.js';
import { pageOf } from '../../stream/socket-url.js';

/** Time for the server to make the keys of a new room. */
const KEYS_MS = 3_000;

/** The links of a room, for `up-share`. */
export interface ShareDetail {
  /** The key that this person has. */
  readonly room: string;
  /** For people who may draw; missing if this person only watches, or is not connected. */
  readonly edit?: string;
  /** For people who only watch. */
  readonly view?: string;
}

interface SharingHost {
  readonly room: string;
  readonly currentRoom: Room | null;
  readonly address: 'hash' | 'none';
  readonly roomKey: string;
  readonly roomLink: ((key: string) => string) | null;
}

interface StudioShareOptions {
  /** Address of the service. */
  readonly server: () => string;
}

/** The links by which other people enter the host's room. */
export class StudioShare {
  readonly #host: SharingHost;
  readonly #options: StudioShareOptions;

  constructor(host: SharingHost, options: StudioShareOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** The page chooses the links; or they lead to it; or it leaves its address to itself, and they lead to the server's page. */
  readonly linkOf = (key: string): string => {
    const { roomLink, address, roomKey } = this.#host;
    if (roomLink !== null) return roomLink(key);
    if (address === 'hash') return roomAddress(location.href, key, roomKey);
    return roomAddress(pageOf(this.#options.server()), key);
  };

  /** Waits for the keys of a new room. */
  async detail(): Promise<ShareDetail> {
    const { currentRoom, room } = this.#host;
    if (currentRoom !== null) await keysOf(currentRoom);
    const { edit, view } = currentRoom?.summary ?? {};
    return {
      room,
      ...(edit === undefined ? {} : { edit: this.linkOf(edit) }),
      ...(view === undefined ? {} : { view: this.linkOf(view) }),
    };
  }
}

/** Settles when the server has told the keys, or not in time. */
function keysOf(room: Room): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      room.removeEventListener('change', look);
      resolve();
    };
    const look = () => room.summary !== null && end();
    const timer = setTimeout(end, KEYS_MS);
    room.addEventListener('change', look);
    look();
  });
}
