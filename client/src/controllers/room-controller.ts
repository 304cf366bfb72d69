import type { ParamsPatch } from '@underpaint/shared';
import type { DrawingHistory, SketchDrawing } from '../drawing/drawing.js';
import { newRoomKey } from '../room/room-address.js';
import type { Room, RoomOptions } from '../room/room.js';
import { AttachedController } from './attached-controller.js';
import { PageAddressController, type PageAddressHost } from './page-address-controller.js';

type CopiedHistory = Pick<DrawingHistory, 'state' | 'past'>;

/** The code that is loaded when the first room is entered. */
export interface RoomParts {
  copyDrawing(history: CopiedHistory, to: SketchDrawing): Promise<void>;
  openRoom(
    options: Omit<RoomOptions, 'self' | 'pass'> & {
      readonly name: string;
      /** Names for people who have none; English ones unless they are given. */
      readonly guests: readonly string[] | undefined;
    },
  ): Room;
}

interface RoomHost extends PageAddressHost {
  /** The key of the room; empty for none. */
  readonly room: string;
  /** The first room; the one in the page's address goes before it. */
  readonly defaultRoom: string;
  /** The person's name; empty for the one used last. */
  readonly person: string;
  readonly strings: { readonly guests?: readonly string[] };
}

/** Why this person is not in a room any more, or could not enter it. */
export type RoomLoss = 'missing' | 'removed' | 'closed';

/** This person leaves a room. */
export interface Departure {
  readonly room: Room;
  readonly key: string;
  /** Whether the room was made of this person's own drawing. */
  readonly isMadeHere: boolean;
  /** Whether the server sent this person away, or has no such room. */
  readonly isLost: boolean;
}

interface LostRoom {
  readonly why: RoomLoss;
  readonly key: string;
  /** Whether this person may make it again. */
  readonly isOwned: boolean;
}

interface RoomControllerOptions {
  readonly load: () => Promise<RoomParts>;
  /** The person's own drawing. */
  readonly history: () => CopiedHistory;
  /** The parameters that a new room starts with. */
  readonly params: () => ParamsPatch;
  /** Gives the host another room, or none if the key is empty. */
  readonly choose: (key: string) => void;
  /** Called before this person's first room or another one is entered. The stream is still the one before. */
  readonly onEnter: () => void;
  /** Called before the room is left. The stream is still the room's. */
  readonly onLeave: (departure: Departure) => void;
  /** The code of rooms could not be loaded. */
  readonly onFailure: () => void;
}

/** Owns the host's place in a room. The room is named by the host's `room` or by the page's address, or it is a new one. */
export class RoomController extends AttachedController<RoomHost> {
  readonly #options: RoomControllerOptions;
  #room: Room | null = null;
  #key = '';
  readonly #address: PageAddressController;
  /** The key in the address that the host has followed. */
  #addressed = '';
  #isMadeHere = false;
  #lost: LostRoom | null = null;
  #initialParams: ParamsPatch = {};

  constructor(host: RoomHost, options: RoomControllerOptions) {
    super(host);
    this.#options = options;
    this.#address = new PageAddressController(host, (key) => this.#followAddress(key));
  }

  /** Null outside of rooms, and while a room is being opened. */
  get room(): Room | null {
    return this.#room;
  }

  get isOpening(): boolean {
    return this.host.room !== '' && this.#room === null;
  }

  /** The parameters of a room made here. Other rooms have their own. */
  get initialParams(): ParamsPatch {
    return this.#initialParams;
  }

  /** Why the server did not let this person into the room, or not stay there; null if no room was lost. */
  get loss(): RoomLoss | null {
    return this.#lost?.why ?? null;
  }

  /** Makes a room of the person's own drawing. The owner of a lost room makes it again, so that its links lead there. */
  async create(): Promise<void> {
    const key = this.#lost?.isOwned ? this.#lost.key : newRoomKey();
    const room = await this.#prepare({ key, role: 'owner' });
    if (room === null) return;
    const { copyDrawing } = await this.#options.load();
    await copyDrawing(this.#options.history(), room.drawing);
    if (!this.isAttached) return room.close();
    this.#options.onEnter();
    this.#initialParams = this.#options.params();
    this.#isMadeHere = true;
    this.#lost = null;
    this.#address.write(key);
    this.#addressed = key;
    this.#key = key;
    this.#options.choose(key);
    this.#become(room);
  }

  /** Leaves the room. It continues without this person, and the browser's Back leads to it again. */
  leave(): void {
    if (this.#addressed !== '') this.#address.write('');
    this.#addressed = '';
    this.#options.choose('');
  }

  /** The server has ended this person's time in the room: the person goes on alone. */
  lose(why: RoomLoss): void {
    if (this.#room === null) return;
    const { role, summary } = this.#room;
    this.#lost = { why, key: this.#key, isOwned: role === 'owner' && summary !== null };
    if (this.#addressed !== '') this.#address.correct('');
    this.#addressed = '';
    this.#options.choose('');
  }

  /** Tries to enter the lost room again. */
  enterAgain(): void {
    if (this.#lost === null) return;
    const { key } = this.#lost;
    this.#address.write(key);
    this.#addressed = key;
    this.#options.choose(key);
  }

  /** The person does not need the lost room. */
  forget(): void {
    this.#lost = null;
    this.host.requestUpdate();
  }

  protected override detached(): void {
    this.#key = '';
    this.#become(null);
  }

  protected override beforeUpdate(): void {
    this.#address.settle();
    const { room: key } = this.host;
    if (key === this.#key) return;
    if (this.#room === null) this.#options.onEnter();
    else this.#options.onLeave(this.#departureFrom(this.#room));
    this.#key = key;
    this.#isMadeHere = false;
    this.#initialParams = {};
    if (key !== '') this.#lost = null;
    if (key === '') this.#become(null);
    else this.#reopen();
  }

  #departureFrom(room: Room): Departure {
    return { room, key: this.#key, isMadeHere: this.#isMadeHere, isLost: this.#lost !== null };
  }

  async #open(key: string): Promise<void> {
    const room = await this.#prepare({ key });
    if (room === null) return;
    // Meanwhile the host may have left the document, or want another room or none.
    if (this.isAttached && key === this.#key && this.#room === null) this.#become(room);
    else room.close();
  }

  /** @returns null if the code of rooms could not be loaded */
  async #prepare(options: Pick<RoomOptions, 'key' | 'role'>): Promise<Room | null> {
    const { person, strings } = this.host;
    try {
      const { openRoom } = await this.#options.load();
      return openRoom({ ...options, name: person, guests: strings.guests });
    } catch {
      this.#options.onFailure();
      return null;
    }
  }

  #become(room: Room | null): void {
    if (room === this.#room) return;
    this.#room?.close();
    this.#room = room;
    room?.addEventListener('change', () => this.host.requestUpdate());
    room?.addEventListener('refused', () => this.#reopen());
    this.host.requestUpdate();
  }

  /** Drops changes that the full room rejected, and loads the room's drawing again. */
  #reopen(): void {
    this.#become(null);
    void this.#open(this.#key);
  }

  /** A room that the page has chosen itself goes before the one in the address. */
  #followAddress(key: string): void {
    const { room, defaultRoom } = this.host;
    const isFollowing = room === this.#addressed;
    if (!isFollowing && (key === '' || (room !== '' && room !== defaultRoom))) return;
    this.#addressed = key;
    this.#options.choose(key);
  }
}
