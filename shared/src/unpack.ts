import { ProtocolError } from './errors.js';

/**
 * Bounds on one message. They are far above what a well-behaved peer sends, and low enough that whatever passes costs
 * microseconds plus the copy of its strings.
 */
const LIMITS = Object.freeze({ depth: 6, nodes: 4_096, keyBytes: 64 });

const TRUNCATED = 'message ends in the middle of a value';
/** Up to this length, joining characters is faster than a decoder. */
const SHORT_BYTES = 32;

const texts = /* @__PURE__ */ new TextDecoder();

/**
 * Reads one MessagePack value, as far as the protocol uses the format: nil, booleans, numbers, text, binary, arrays, and maps
 * with short keys of text; no extension types. Binary values share the memory of `bytes`.
 *
 * Format bytes: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @throws ProtocolError unless the value ends exactly at the end and keeps within the limits; with the byte offset
 */
export function unpack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.rest !== 0) throw new ProtocolError(`${reader.rest} bytes after the end of the message`);
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #nodes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are not read yet. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  value(depth: number): unknown {
    if (this.rest === 0) throw new ProtocolError(TRUNCATED);
    if (++this.#nodes > LIMITS.nodes) throw new ProtocolError(`message has more than ${LIMITS.nodes} values`);
    const format = this.#bytes[this.#at++]!;
    if (format <= 0x7f) return format;
    if (format <= 0x8f) return this.#map(format & 0x0f, depth);
    if (format <= 0x9f) return this.#array(format & 0x0f, depth);
    if (format <= 0xbf) return this.#text(format & 0x1f);
    if (format >= 0xe0) return format - 0x100;
    return this.#longValue(format, depth);
  }

  /** A value whose first byte is a format alone, without a length or a number. */
  #longValue(format: number, depth: number): unknown {
    switch (format) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#uint(1 << (format - 0xc4)));
      case 0xca:
      case 0xcb:
        return this.#float(format === 0xca ? 4 : 8);
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#uint(1 << (format - 0xcc));
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#int(1 << (format - 0xd0));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(1 << (format - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(2 << (format - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 << (format - 0xde)), depth);
      default:
        throw new ProtocolError(`format byte 0x${format.toString(16)} at ${this.#at - 1} is not used by this protocol`);
    }
  }

  #array(length: number, depth: number): unknown[] {
    this.#enter(depth);
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) items.push(this.value(depth + 1));
    return items;
  }

  #map(length: number, depth: number): Record<string, unknown> {
    this.#enter(depth);
    const entries: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const key = this.#key();
      const value = this.value(depth + 1);
      // Setting this one would set the prototype.
      if (key !== '__proto__') entries[key] = value;
    }
    return entries;
  }

  #enter(depth: number): void {
    if (depth >= LIMITS.depth) throw new ProtocolError(`message is nested deeper than ${LIMITS.depth}`);
  }

  #key(): string {
    const start = this.#at;
    if (this.rest === 0) throw new ProtocolError(TRUNCATED);
    const format = this.#bytes[this.#at++]!;
    if (format >= 0xa0 && format <= 0xbf) return this.#text(format & 0x1f);
    const length = format === 0xd9 ? this.#uint(1) : Infinity;
    if (length <= LIMITS.keyBytes) return this.#text(length);
    throw new ProtocolError(`the map key at ${start} is not a string of at most ${LIMITS.keyBytes} bytes`);
  }

  #text(length: number): string {
    const start = this.#take(length);
    const bytes = this.#bytes;
    if (length > SHORT_BYTES) return texts.decode(bytes.subarray(start, start + length));
    let text = '';
    for (let i = start; i < start + length; i++) {
      if (bytes[i]! > 0x7f) return texts.decode(bytes.subarray(start, start + length));
      text += String.fromCharCode(bytes[i]!);
    }
    return text;
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #float(size: 4 | 8): number {
    const start = this.#take(size);
    return size === 4 ? this.#view.getFloat32(start) : this.#view.getFloat64(start);
  }

  #uint(size: number): number {
    const start = this.#take(size);
    if (size === 8) return Number(this.#view.getBigUint64(start));
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#bytes[start + i]!;
    return value;
  }

  /** Two's complement. */
  #int(size: number): number {
    const value = this.#uint(size);
    if (size === 8) return Number(this.#view.getBigInt64(this.#at - 8));
    const range = 2 ** (8 * size);
    return value < range / 2 ? value : value - range;
  }

  /** @returns the offset of the next `length` bytes */
  #take(length: number): number {
    if (length > this.rest) throw new ProtocolError(TRUNCATED);
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
