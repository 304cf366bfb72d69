import { ProtocolError, type PresenceMessage } from '@underpaint/shared';
import { createDecoder, hasContent, readVarString, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding';

/** Cursors are sent at most 30 times a second. */
const TELL_EVERY_MS = 1_000 / 30;

export interface PresenceOptions {
  readonly now: () => number;
  /** Runs the work of a timer; a throw in it ends the room. */
  readonly guard: (work: () => void) => void;
  /** Tells everybody the latest presence of these authors. */
  readonly tell: (authors: ReadonlySet<number>) => void;
}

/** Names, colours and cursors of the members of a room: the latest of each, sent to everybody at a bounded rate. */
export class Presence {
  readonly #options: PresenceOptions;
  /** By author; the bytes of one entry of an awareness update of y-protocols. */
  readonly #entries = new Map<number, Uint8Array>();
  #changed = new Set<number>();
  #toldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Sets the presence of an author, from `readPresence`. */
  set(author: number, entry: Uint8Array): void {
    this.#entries.set(author, entry);
    this.#changed.add(author);
    if (this.#timer) return;
    const waitMs = this.#toldMs + TELL_EVERY_MS - this.#options.now();
    if (waitMs <= 0) this.#tell();
    else this.#timer = setTimeout(() => this.#options.guard(() => this.#tell()), waitMs);
  }

  /** Forgets an author who left. */
  delete(author: number): void {
    this.#entries.delete(author);
    this.#changed.delete(author);
    if (this.#entries.size === 0) this.#stop();
  }

  /** The presence of these authors, or of all; undefined if there is none. */
  messageOf(authors: Iterable<number> = this.#entries.keys()): PresenceMessage | undefined {
    const entries = [...authors].flatMap((author) => this.#entries.get(author) ?? []);
    if (entries.length === 0) return undefined;
    const encoder = createEncoder();
    writeVarUint(encoder, entries.length);
    for (const entry of entries) writeUint8Array(encoder, entry);
    return { type: 'presence', data: toUint8Array(encoder) };
  }

  #tell(): void {
    this.#stop();
    this.#toldMs = this.#options.now();
    const changed = this.#changed;
    this.#changed = new Set();
    this.#options.tell(changed);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Reads an awareness update about one author.
 *
 * @returns the author, and the bytes of its entry
 * @throws ProtocolError if the bytes are not such an update
 */
export function readPresence(data: Uint8Array): { readonly author: number; readonly entry: Uint8Array } {
  try {
    const decoder = createDecoder(data);
    const count = readVarUint(decoder);
    const start = decoder.pos;
    const author = readVarUint(decoder);
    readVarUint(decoder);
    const state: unknown = JSON.parse(readVarString(decoder));
    // A copy, because the bytes share the memory of their message.
    if (count === 1 && typeof state === 'object' && !hasContent(decoder)) return { author, entry: data.slice(start) };
  } catch {
    // Reported below.
  }
  throw new ProtocolError('presence.data is not an awareness update about one author');
}
