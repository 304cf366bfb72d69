/** `Uint8Array<ArrayBuffer>`, in words that TypeScript before 5.7 reads too. */
export type Bytes = ReturnType<typeof Uint8Array.of>;

/** Enough for most images. Larger messages get memory of their own. */
const KEPT_BYTES = 64 * 1_024;
/** Up to this length, copying the characters of a text is faster than an encoder. */
const SHORT_CHARACTERS = 31;
const MAX_UINT32 = 0xffffffff;

const texts = /* @__PURE__ */ new TextEncoder();

interface Format {
  /** The largest value that fits. */
  readonly upTo: number;
  /** The first byte; without a size, the value is added to it. */
  readonly format: number;
  /** Bytes of the value after the first byte. */
  readonly size?: number;
}

/** Formats for one, two and four bytes, whose first bytes follow each other. */
function sized(first: number): readonly Format[] {
  return [1, 2, 4].map((size, index) => ({ upTo: 2 ** (8 * size) - 1, format: first + index, size }));
}

const UINT = /* @__PURE__ */ [{ upTo: 127, format: 0 }, ...sized(0xcc)];
const TEXT = /* @__PURE__ */ [{ upTo: 31, format: 0xa0 }, ...sized(0xd9)];
const BINARY = /* @__PURE__ */ sized(0xc4);
/** Arrays and maps have no format for one byte. */
const ARRAY = /* @__PURE__ */ [{ upTo: 15, format: 0x90 }, ...sized(0xdb).slice(1)];
const MAP = /* @__PURE__ */ [{ upTo: 15, format: 0x80 }, ...sized(0xdd).slice(1)];

/**
 * Writes a value as MessagePack: null, booleans, numbers, text, binary, arrays and plain objects. Keys without a value are left
 * out. Whole numbers take as few bytes as possible, all others are float 64.
 *
 * Format bytes: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function pack(value: unknown): Bytes {
  const writer = new Writer((kept ??= new Uint8Array(KEPT_BYTES)));
  return writer.write(value).bytes;
}

/** Reused: a message is written in one go, and copied when its length is known. */
let kept: Bytes | undefined;

class Writer {
  #bytes: Bytes;
  #view: DataView;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  get bytes(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }

  write(value: unknown): this {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (value === null || typeof value === 'boolean') this.#uint(value === null ? 0xc0 : value ? 0xc3 : 0xc2, 1);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if (Array.isArray(value)) this.#array(value);
    else if (typeof value === 'object') this.#map(value);
    else throw new TypeError(`a message cannot contain a ${typeof value}`);
    return this;
  }

  #text(text: string): void {
    // UTF-8 takes at most three bytes for a UTF-16 unit; the head is written when the length is known.
    this.#reserve(5 + 3 * text.length);
    if (text.length <= SHORT_CHARACTERS && this.#shortAscii(text)) return;
    const headBytes = text.length < 11 ? 1 : 5;
    const { written } = texts.encodeInto(text, this.#bytes.subarray(this.#at + headBytes));
    const start = this.#at + headBytes;
    this.#head(written, TEXT);
    this.#bytes.copyWithin(this.#at, start, start + written);
    this.#at += written;
  }

  /** @returns false if a character is not ASCII; then nothing is written */
  #shortAscii(text: string): boolean {
    const start = this.#at + 1;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#bytes[start + i] = code;
    }
    this.#bytes[this.#at] = 0xa0 + text.length;
    this.#at = start + text.length;
    return true;
  }

  #binary(data: Uint8Array): void {
    this.#head(data.length, BINARY);
    this.#reserve(data.length);
    this.#bytes.set(data, this.#at);
    this.#at += data.length;
  }

  #array(items: readonly unknown[]): void {
    this.#head(items.length, ARRAY);
    for (const item of items) this.write(item);
  }

  #map(fields: object): void {
    const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
    this.#head(entries.length, MAP);
    for (const [key, value] of entries) {
      this.#text(key);
      this.write(value);
    }
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || Object.is(value, -0) || value > MAX_UINT32 || value < -(2 ** 31)) {
      this.#uint(0xcb, 1);
      this.#reserve(8);
      this.#view.setFloat64(this.#at, value);
      this.#at += 8;
    } else if (value >= 0) {
      this.#head(value, UINT);
    } else if (value >= -32) {
      this.#uint(0x100 + value, 1);
    } else {
      const size = value >= -(2 ** 7) ? 1 : value >= -(2 ** 15) ? 2 : 4;
      this.#uint(0xd0 + Math.log2(size), 1);
      this.#uint(2 ** (8 * size) + value, size);
    }
  }

  /** A length or a whole number in the first format that holds it. */
  #head(value: number, formats: readonly Format[]): void {
    const { format, size = 0 } = formats.find(({ upTo }) => value <= upTo)!;
    if (size === 0) return this.#uint(format + value, 1);
    this.#uint(format, 1);
    this.#uint(value, size);
  }

  #uint(value: number, size: number): void {
    this.#reserve(size);
    if (size === 1) this.#view.setUint8(this.#at, value);
    else if (size === 2) this.#view.setUint16(this.#at, value);
    else this.#view.setUint32(this.#at, value);
    this.#at += size;
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
