import type { FileHandle } from 'node:fs/promises';
import { readVarint } from './protobuf.js';

/** A field of a message in a file, by its place. */
export interface FileField {
  readonly number: number;
  /** The first byte of its key. */
  readonly at: number;
  /** Where its value begins and ends. */
  readonly from: number;
  readonly end: number;
}

/** Bytes read at once. Most fields are shorter; those that are longer are weights, and skipped. */
const WINDOW = 1 << 16;
/** A key and a length take 10 bytes each at most. */
const HEAD = 20;

/** Finds the fields of a Protocol Buffers message in a file that may be too large to be read. */
export class FileFields {
  readonly #file: FileHandle;
  readonly #window = new Uint8Array(WINDOW);
  #from = 0;
  #held = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The fields of the message between two bytes. Throws a RangeError if it is not one. */
  async *of(from: number, end: number): AsyncGenerator<FileField> {
    for (let at = from; at < end;) {
      const head = await this.#head(at, Math.min(HEAD, end - at));
      const [key, start] = readVarint(head, 0);
      const [number, wire] = [Math.floor(key / 8), key % 8];
      const [begin, length] = valueIn(head, wire, start);
      const field = { number, at, from: at + begin, end: at + begin + length };
      if (field.end > end) throw new RangeError('cut short');
      yield field;
      at = field.end;
    }
  }

  /** The bytes of a field's value. */
  async bytes({ from, end }: FileField): Promise<Uint8Array> {
    if (end - from <= WINDOW) return (await this.#head(from, end - from)).slice();
    const { buffer } = await this.#file.read({ buffer: new Uint8Array(end - from), position: from });
    return buffer;
  }

  async #head(at: number, length: number): Promise<Uint8Array> {
    if (at < this.#from || at + length > this.#from + this.#held) {
      this.#held = (await this.#file.read({ buffer: this.#window, position: at })).bytesRead;
      this.#from = at;
    }
    return this.#window.subarray(at - this.#from, Math.min(at - this.#from + length, this.#held));
  }
}

/** @returns where the value begins after the key, and its length */
function valueIn(head: Uint8Array, wire: number, start: number): [number, number] {
  switch (wire) {
    case 0:
      return [start, readVarint(head, start)[1] - start];
    case 1:
      return [start, 8];
    case 5:
      return [start, 4];
    case 2: {
      const [length, begin] = readVarint(head, start);
      return [begin, length];
    }
    default:
      throw new RangeError('no such field');
  }
}
