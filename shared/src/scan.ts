import { ProtocolError } from './errors.js';

/**
 * Bounds on one message. They are far above what a well-behaved peer sends, and low enough that decoding
 * whatever passes costs microseconds plus the copy of its strings.
 */
const SCAN_LIMITS = Object.freeze({ depth: 6, nodes: 4_096, keyBytes: 64 });

const TRUNCATED = 'message ends in the middle of a value';

/**
 * Walks the structure of one MessagePack value without allocating or decoding anything, and throws unless it is
 * something the protocol could mean: one value that ends exactly at the end of the message; maps with short string
 * keys; no extension types (msgpackr reads its record extension even with records turned off, and a small message can
 * then cost a second); bounded depth and number of values.
 *
 * Format bytes: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @throws ProtocolError with the offence and its byte offset
 */
export function scan(bytes: Uint8Array): void {
  const end = new Scanner(bytes).value(0, 0);
  if (end !== bytes.length) throw new ProtocolError(`${bytes.length - end} bytes after the end of the message`);
}

class Scanner {
  readonly #bytes: Uint8Array;
  #nodes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Checks the value at `at` and returns the offset after it. */
  value(at: number, depth: number): number {
    const bytes = this.#bytes;
    if (at >= bytes.length) throw new ProtocolError(TRUNCATED);
    if (++this.#nodes > SCAN_LIMITS.nodes) throw new ProtocolError(`message has more than ${SCAN_LIMITS.nodes} values`);
    const format = bytes[at]!;
    if (format <= 0x7f || format >= 0xe0) return at + 1; // fixint
    if (format <= 0x8f) return this.#map(at + 1, format & 0x0f, depth);
    if (format <= 0x9f) return this.#array(at + 1, format & 0x0f, depth);
    if (format <= 0xbf) return this.#skip(at + 1, format & 0x1f); // fixstr
    return this.#longValue(at, format, depth);
  }

  /** A value whose first byte is a format alone, without a length or a number. */
  #longValue(at: number, format: number, depth: number): number {
    switch (format) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return at + 1;
      case 0xc4: // bin 8
      case 0xd9: // str 8
        return this.#skip(at + 2, this.#uint(at + 1, 1));
      case 0xc5: // bin 16
      case 0xda: // str 16
        return this.#skip(at + 3, this.#uint(at + 1, 2));
      case 0xc6: // bin 32
      case 0xdb: // str 32
        return this.#skip(at + 5, this.#uint(at + 1, 4));
      case 0xcc: // uint 8
      case 0xd0: // int 8
        return this.#skip(at + 1, 1);
      case 0xcd: // uint 16
      case 0xd1: // int 16
        return this.#skip(at + 1, 2);
      case 0xca: // float 32
      case 0xce: // uint 32
      case 0xd2: // int 32
        return this.#skip(at + 1, 4);
      case 0xcb: // float 64
      case 0xcf: // uint 64
      case 0xd3: // int 64
        return this.#skip(at + 1, 8);
      case 0xdc:
        return this.#array(at + 3, this.#uint(at + 1, 2), depth);
      case 0xdd:
        return this.#array(at + 5, this.#uint(at + 1, 4), depth);
      case 0xde:
        return this.#map(at + 3, this.#uint(at + 1, 2), depth);
      case 0xdf:
        return this.#map(at + 5, this.#uint(at + 1, 4), depth);
      default:
        throw new ProtocolError(`format byte 0x${format.toString(16)} at ${at} is not used by this protocol`);
    }
  }

  #array(at: number, length: number, depth: number): number {
    this.#enter(depth);
    let next = at;
    for (let i = 0; i < length; i++) next = this.value(next, depth + 1);
    return next;
  }

  #map(at: number, length: number, depth: number): number {
    this.#enter(depth);
    let next = at;
    for (let i = 0; i < length; i++) next = this.value(this.#key(next), depth + 1);
    return next;
  }

  #enter(depth: number): void {
    if (depth >= SCAN_LIMITS.depth) throw new ProtocolError(`message is nested deeper than ${SCAN_LIMITS.depth}`);
  }

  #key(at: number): number {
    const format = this.#bytes[at];
    if (format === undefined) throw new ProtocolError(TRUNCATED);
    if (format >= 0xa0 && format <= 0xbf) return this.#skip(at + 1, format & 0x1f);
    if (format === 0xd9) {
      const length = this.#uint(at + 1, 1);
      if (length <= SCAN_LIMITS.keyBytes) return this.#skip(at + 2, length);
    }
    throw new ProtocolError(`the map key at ${at} is not a string of at most ${SCAN_LIMITS.keyBytes} bytes`);
  }

  #uint(at: number, size: 1 | 2 | 4): number {
    if (at + size > this.#bytes.length) throw new ProtocolError(TRUNCATED);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#bytes[at + i]!;
    return value;
  }

  #skip(at: number, length: number): number {
    const next = at + length;
    if (next > this.#bytes.length) throw new ProtocolError(TRUNCATED);
    return next;
  }
}
