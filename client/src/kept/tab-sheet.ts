import { listSheets, newSheetId, roomSheetId } from './sheets.js';

type TabMessage = { readonly type: 'ask' } | { readonly type: 'has' | 'took'; readonly id: string };

/** Tabs answer within milliseconds, unless the browser has frozen them. */
const ANSWER_MS = 120;

/**
 * Which kept drawing this tab shows. Every tab has one of its own, also after a reload. A tab that takes the drawing of
 * another, because it was duplicated or the person chose it from the list, tells the others: then the other tab goes on
 * with a copy. So no tab overwrites what another one saved.
 */
export class TabSheet {
  readonly #name: string;
  readonly #onTaken: () => void;
  readonly #channel: BroadcastChannel;
  readonly #others = new Set<string>();
  #id = '';

  /** @param onTaken another tab took this tab's drawing; call `take` with a new id */
  constructor(name: string, onTaken: () => void) {
    this.#name = name;
    this.#onTaken = onTaken;
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.addEventListener('message', ({ data }) => this.#handle(data as TabMessage));
  }

  get name(): string {
    return this.#name;
  }

  get id(): string {
    return this.#id;
  }

  /** Takes the drawing that this tab had before a reload, or else the newest one that no tab shows, or else a new one. */
  async choose(): Promise<string> {
    const id = readStored(this.#key) ?? (await this.#newestFree()) ?? newSheetId();
    this.take(id);
    return id;
  }

  take(id: string): void {
    this.#id = id;
    writeStored(this.#key, id);
    this.#post({ type: 'took', id });
  }

  close(): void {
    this.#channel.close();
  }

  get #key(): string {
    return `underpaint-sheet:${this.#name}`;
  }

  async #newestFree(): Promise<string | undefined> {
    const isOwn = ({ id }: { readonly id: string }) => !id.startsWith(roomSheetId(''));
    const sheets = (await listSheets(this.#name)).filter(isOwn);
    if (sheets.length === 0) return undefined;
    this.#post({ type: 'ask' });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    return sheets.find(({ id }) => !this.#others.has(id))?.id;
  }

  #handle(message: TabMessage): void {
    if (message.type === 'ask') {
      if (this.#id !== '') this.#post({ type: 'has', id: this.#id });
      return;
    }
    this.#others.add(message.id);
    if (message.type === 'took' && message.id === this.#id) this.#onTaken();
  }

  #post(message: TabMessage): void {
    this.#channel.postMessage(message);
  }
}

function readStored(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function writeStored(key: string, id: string): void {
  try {
    sessionStorage.setItem(key, id);
  } catch {
    // The browser keeps no data: after a reload the tab has a new drawing.
  }
}
