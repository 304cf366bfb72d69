import { ProtocolError, ROOM_LIMITS, type PresenceMessage } from '@underpaint/shared';
import { createDecoder, hasContent, readVarString, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding';

/** Cursors are told at most 30 times a second. */
const TELL_EVERY_MS = 1_000 / 30;

export interface PresenceOptions {
  readonly now: () => number;
  /** Runs the work of a timer; a throw in it ends the room. */
  readonly guard: (work: () => void) => void;
  /** Tells everybody what these clients let know last. */
  readonly tell: (clients: ReadonlySet<number>) => void;
}

/** What the members of a room let know of themselves: the last word of each, told to all at a bounded rate. */
export class Presence {
  readonly #options: PresenceOptions;
  /** By client; as it stands in an awareness update of y-protocols. */
  readonly #entries = new Map<number, Uint8Array>();
  #changed = new Set<number>();
  #toldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Takes the word of a client, as `readPresence` read it. */
  set(client: number, entry: Uint8Array): void {
    this.#entries.set(client, entry);
    this.#changed.add(client);
    if (this.#timer) return;
    const waitMs = this.#toldMs + TELL_EVERY_MS - this.#options.now();
    if (waitMs <= 0) this.#tell();
    else this.#timer = setTimeout(() => this.#options.guard(() => this.#tell()), waitMs);
  }

  /** Forgets who left. */
  delete(client: number): void {
    this.#entries.delete(client);
    this.#changed.delete(client);
    if (this.#entries.size === 0) this.#stop();
  }

  /** The last word of these clients, or of all; undefined where there is none. */
  messageOf(clients: Iterable<number> = this.#entries.keys()): PresenceMessage | undefined {
    const entries = [...clients].flatMap((client) => this.#entries.get(client) ?? []);
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
 * Reads an awareness update about one client.
 *
 * @returns that client, and what was said of it as it stands in an update
 * @throws ProtocolError when it is none, or about several
 */
export function readPresence(data: Uint8Array): { readonly client: number; readonly entry: Uint8Array } {
  const { maxPresenceBytes } = ROOM_LIMITS;
  if (data.length > maxPresenceBytes) throw new ProtocolError(`presence.data has more than ${maxPresenceBytes} bytes`);
  try {
    const decoder = createDecoder(data);
    const count = readVarUint(decoder);
    const start = decoder.pos;
    const client = readVarUint(decoder);
    readVarUint(decoder);
    const state: unknown = JSON.parse(readVarString(decoder));
    // The bytes share the memory of their message.
    if (count === 1 && typeof state === 'object' && !hasContent(decoder)) return { client, entry: data.slice(start) };
  } catch {
    // Told below.
  }
  throw new ProtocolError('presence.data is not an awareness update about one client');
}
