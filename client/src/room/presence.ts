import { TypedEventTarget } from '../stream/typed-event-target.js';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import type * as Y from 'yjs';

/** What each in a room lets the others know. */
export interface PersonState {
  readonly name: string;
  /** Which of the colours for people. */
  readonly colour: number;
  /** Where the pointer is, as fractions of the sketch; null when it is not over it. */
  readonly cursor: readonly [x: number, y: number] | null;
  readonly isDrawing: boolean;
  /** How it looks at sketch and picture: for those who follow. */
  readonly view: string;
}

export const PERSON_COLOURS = 8;
export const MAX_NAME_LENGTH = 32;
const CURSOR_INTERVAL_MS = 1000 / 30;
const FROM_ROOM = 'room';

interface Changes {
  readonly added: readonly number[];
  readonly updated: readonly number[];
}

/** Everybody's state, by the number under which they draw. One's own goes out on every change, cursors at most 30 times a second. */
export class Presence extends TypedEventTarget<{ change: Event }> {
  readonly #awareness: Awareness;
  readonly #send: (data: Uint8Array) => void;
  /** The last word of each: who is gone is told by the room, and not by a silence, as of a tab in the background. */
  readonly #others = new Map<number, PersonState>();
  #own: PersonState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = -Infinity;

  constructor(doc: Y.Doc, own: PersonState, send: (data: Uint8Array) => void) {
    super();
    this.#awareness = new Awareness(doc);
    this.#own = own;
    this.#send = send;
    this.#awareness.setLocalState(own);
    this.#awareness.on('update', (_changes: unknown, origin: unknown) => {
      if (origin !== FROM_ROOM) this.#sendOwn();
    });
    this.#awareness.on('change', ({ added, updated }: Changes) => this.#read([...added, ...updated]));
  }

  get own(): PersonState {
    return this.#own;
  }

  /** Changes some of one's own state. */
  set(change: Partial<PersonState>): void {
    this.#own = { ...this.#own, ...change };
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(this.#publish, this.#toldAt + CURSOR_INTERVAL_MS - performance.now());
  }

  /** Says all of one's own state anew. */
  tell(): void {
    this.#awareness.setLocalState(this.#own);
  }

  /** @returns null for somebody who said nothing yet */
  of(client: number): PersonState | null {
    return client === this.#awareness.clientID ? this.#own : (this.#others.get(client) ?? null);
  }

  receive(data: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, data, FROM_ROOM);
  }

  forget(clients: readonly number[]): void {
    removeAwarenessStates(this.#awareness, [...clients], FROM_ROOM);
    for (const client of clients) this.#others.delete(client);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#awareness.destroy();
  }

  #read(clients: readonly number[]): void {
    for (const client of clients) this.#others.set(client, parsePerson(this.#awareness.getStates().get(client)));
    this.dispatchEvent(new Event('change'));
  }

  #sendOwn(): void {
    const { clientID } = this.#awareness;
    if (this.#awareness.getLocalState() !== null) this.#send(encodeAwarenessUpdate(this.#awareness, [clientID]));
  }

  #publish = (): void => {
    this.#timer = undefined;
    this.#toldAt = performance.now();
    this.tell();
  };
}

/** What comes from others may be anything. */
function parsePerson(state: unknown): PersonState {
  const { name, colour, cursor, isDrawing, view } = (state ?? {}) as Record<string, unknown>;
  return {
    name: typeof name === 'string' ? name.slice(0, MAX_NAME_LENGTH) : '',
    colour: typeof colour === 'number' && Number.isInteger(colour) ? Math.abs(colour) % PERSON_COLOURS : 0,
    cursor: parseCursor(cursor),
    isDrawing: isDrawing === true,
    view: typeof view === 'string' ? view : '',
  };
}

function parseCursor(cursor: unknown): PersonState['cursor'] {
  if (!Array.isArray(cursor)) return null;
  const [x, y] = cursor as unknown[];
  const isPlace = [x, y].every((value) => typeof value === 'number' && value >= 0 && value <= 1);
  return isPlace ? [x as number, y as number] : null;
}
