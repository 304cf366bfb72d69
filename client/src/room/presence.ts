import { TypedEventTarget } from '../stream/typed-event-target.js';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { documentOf } from './shared-document.js';

/** Marks that a person is moving: their numbers, and a matrix of six numbers. */
export interface PersonMove {
  readonly ids: readonly number[];
  readonly matrix: readonly number[];
}

/** What a member of a room tells the others. */
export interface PersonState {
  readonly name: string;
  /** Index of the person's colour, below `PERSON_COLOURS`. */
  readonly colour: number;
  /** Place of the pointer, as fractions of the sketch; null outside of it. */
  readonly cursor: readonly [x: number, y: number] | null;
  readonly isDrawing: boolean;
  /** Marks on the move enter the drawing when they are let go. */
  readonly move: PersonMove | null;
  /** The person's view of sketch and picture, for members who follow the presenter. */
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

/** The state of every person, by author. This person's state is sent on every change, at most 30 times a second. */
export class Presence extends TypedEventTarget<{ change: Event }> {
  readonly #awareness: Awareness;
  readonly #send: (data: Uint8Array) => void;
  /** The latest state of each. Only the room tells that a person left: a tab in the background may be silent. */
  readonly #others = new Map<number, PersonState>();
  #own: PersonState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = -Infinity;

  constructor(drawing: object, own: PersonState, send: (data: Uint8Array) => void) {
    super();
    this.#awareness = new Awareness(documentOf(drawing));
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

  /** Changes parts of this person's state. */
  set(change: Partial<PersonState>): void {
    this.#own = { ...this.#own, ...change };
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(this.#publish, this.#toldAt + CURSOR_INTERVAL_MS - performance.now());
  }

  /** Sends this person's whole state again. */
  tell(): void {
    this.#awareness.setLocalState(this.#own);
  }

  /** @returns null before the author's first message */
  of(author: number): PersonState | null {
    return author === this.#awareness.clientID ? this.#own : (this.#others.get(author) ?? null);
  }

  receive(data: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, data, FROM_ROOM);
  }

  forget(authors: readonly number[]): void {
    removeAwarenessStates(this.#awareness, [...authors], FROM_ROOM);
    for (const author of authors) this.#others.delete(author);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#awareness.destroy();
  }

  #read(authors: readonly number[]): void {
    for (const author of authors) this.#others.set(author, parsePerson(this.#awareness.getStates().get(author)));
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

/** Other members may send anything. */
function parsePerson(state: unknown): PersonState {
  const { name, colour, cursor, isDrawing, move, view } = (state ?? {}) as Record<string, unknown>;
  return {
    name: typeof name === 'string' ? name.slice(0, MAX_NAME_LENGTH) : '',
    colour: typeof colour === 'number' && Number.isInteger(colour) ? Math.abs(colour) % PERSON_COLOURS : 0,
    cursor: parseCursor(cursor),
    isDrawing: isDrawing === true,
    move: parseMove(move),
    view: typeof view === 'string' ? view : '',
  };
}

function parseMove(move: unknown): PersonMove | null {
  const { ids, matrix } = (move ?? {}) as Record<string, unknown>;
  if (!isNumbers(ids) || !isNumbers(matrix) || matrix.length !== 6) return null;
  return { ids, matrix };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number' && Number.isFinite(each));
}

function parseCursor(cursor: unknown): PersonState['cursor'] {
  if (!Array.isArray(cursor)) return null;
  const [x, y] = cursor as unknown[];
  const isPlace = [x, y].every((value) => typeof value === 'number' && value >= 0 && value <= 1);
  return isPlace ? [x as number, y as number] : null;
}
