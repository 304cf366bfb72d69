import { ROOM_PARAMETER, roomAddress, roomKeyOf } from '../room/room-address.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

/** Whether a studio reads and writes the key of its room in the fragment of the page's address. */
export type AddressUse = 'hash' | 'none';

export interface PageAddressHost extends AttachedHost {
  readonly address: AddressUse;
  /** The name of the parameter. */
  readonly roomKey: string;
}

/** Each parameter belongs to one host, so that two studios of a page do not enter one room. */
const owners = new Map<string, PageAddressController>();

/** The host's part of the page's address: one parameter of its fragment. */
export class PageAddressController extends AttachedController<PageAddressHost> {
  readonly #onKey: (key: string) => void;
  #name: string | null = null;
  #key = '';

  /** @param onKey the address has another key than before; empty for none */
  constructor(host: PageAddressHost, onKey: (key: string) => void) {
    super(host);
    this.#onKey = onKey;
  }

  /**
   * Writes the key of the host's room, or removes it: the browser's Back leads to the address before. Does nothing if the
   * address is not the host's.
   */
  write(key: string): void {
    const address = this.#addressWith(key);
    if (address !== null) history.pushState(history.state, '', address);
  }

  /** The same in place of the address before, which leads nowhere. */
  correct(key: string): void {
    const address = this.#addressWith(key);
    if (address !== null) history.replaceState(history.state, '', address);
  }

  #addressWith(key: string): string | null {
    if (this.#name === null || key === this.#key) return null;
    this.#key = key;
    return roomAddress(location.href, key, this.#name);
  }

  protected override attached(): void {
    globalThis.addEventListener('hashchange', this.#read);
  }

  protected override detached(): void {
    globalThis.removeEventListener('hashchange', this.#read);
    this.#release();
  }

  /** Called before every update: a page may set both properties late. */
  settle(): void {
    const { address, roomKey } = this.host;
    const wanted = address === 'none' ? null : roomKey || ROOM_PARAMETER;
    if (wanted === this.#name) return;
    const hadKey = this.#key !== '';
    this.#release();
    if (wanted !== null && !owners.has(wanted)) {
      owners.set(wanted, this);
      this.#name = wanted;
      this.#key = roomKeyOf(location.href, wanted);
    }
    if (hadKey || this.#key !== '') this.#onKey(this.#key);
  }

  #release(): void {
    if (this.#name !== null) owners.delete(this.#name);
    this.#name = null;
    this.#key = '';
  }

  #read = (): void => {
    if (this.#name === null) return;
    const key = roomKeyOf(location.href, this.#name);
    if (key === this.#key) return;
    this.#key = key;
    this.#onKey(key);
  };
}
