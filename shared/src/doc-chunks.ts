import { ROOM_LIMITS, type DocKind, type DocMessage } from './room-messages.js';

/** A payload of the document as messages that are small enough. */
export function toChunks(kind: DocKind, data: Uint8Array): DocMessage[] {
  const { docChunkBytes } = ROOM_LIMITS;
  const count = Math.max(1, Math.ceil(data.length / docChunkBytes));
  return Array.from({ length: count }, (_, index) => ({
    type: 'doc',
    kind,
    data: data.subarray(index * docChunkBytes, (index + 1) * docChunkBytes),
    ...(index + 1 < count ? { more: true } : {}),
  }));
}

/** Puts payloads together that come in several messages. */
export class ChunkReader {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number = ROOM_LIMITS.maxUpdateBytes) {
    this.#maxBytes = maxBytes;
  }

  /** @returns the whole payload; null while more of it is to come; `too-large` at the end of one that was not kept */
  read({ data, more = false }: DocMessage): Uint8Array | 'too-large' | null {
    this.#bytes += data.length;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    // The bytes share the memory of their message.
    else this.#parts.push(more ? data.slice() : data);
    if (more) return null;
    const [parts, bytes] = [this.#parts, this.#bytes];
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#maxBytes) return 'too-large';
    return parts.length === 1 ? parts[0]! : join(parts, bytes);
  }
}

function join(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
