import type { DrawingKind, DrawingMessage } from './messages/messages.js';
import { ROOM_LIMITS } from './messages/rooms.js';

/** Splits a payload of the drawing into messages that are small enough. */
export function splitDrawing(kind: DrawingKind, data: Uint8Array): DrawingMessage[] {
  const { drawingChunkBytes } = ROOM_LIMITS;
  const count = Math.max(1, Math.ceil(data.length / drawingChunkBytes));
  return Array.from({ length: count }, (_, index) => ({
    type: 'drawing',
    kind,
    data: data.subarray(index * drawingChunkBytes, (index + 1) * drawingChunkBytes),
    ...(index + 1 < count ? { more: true } : {}),
  }));
}

/** Joins payloads of the drawing that come in several messages. */
export class DrawingReader {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number = ROOM_LIMITS.maxUpdateBytes) {
    this.#maxBytes = maxBytes;
  }

  /** @returns the whole payload; null while parts are missing; `too-large` at the end of one over the limit */
  read({ data, more = false }: DrawingMessage): Uint8Array | 'too-large' | null {
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
