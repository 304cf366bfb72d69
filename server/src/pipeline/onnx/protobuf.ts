/*
 * The wire format of Protocol Buffers, as far as ONNX files use it.
 */

/** Types of fields on the wire. */
const VARINT = 0;
const BITS_64 = 1;
const BYTES = 2;
const BITS_32 = 5;

interface Field {
  readonly number: number;
  /** The value of a whole number; of other fields, the bytes. */
  readonly value: number | Uint8Array;
}

/** All fields of a message. Throws a RangeError if it is not one. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  for (let at = 0; at < message.length;) {
    const [key, start] = readVarint(message, at);
    const [number, wire] = [Math.floor(key / 8), key % 8];
    const [length, from] = lengthOf(message, wire, start);
    const end = from + length;
    if (end > message.length) throw new RangeError('cut short');
    yield { number, value: wire === VARINT ? readVarint(message, start)[0] : message.subarray(from, end) };
    at = end;
  }
}

/** @returns the bytes of a field's value, and where they begin */
function lengthOf(message: Uint8Array, wire: number, start: number): [number, number] {
  switch (wire) {
    case VARINT:
      return [readVarint(message, start)[1] - start, start];
    case BITS_64:
      return [8, start];
    case BITS_32:
      return [4, start];
    case BYTES:
      return readVarint(message, start);
    default:
      throw new RangeError('no such field');
  }
}

/** The messages, texts or bytes in all fields of one number. */
export function* messagesOf(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const { number, value } of fieldsOf(message)) {
    if (number === wanted && typeof value !== 'number') yield value;
  }
}

/** The whole numbers in all fields of one number: one in each, or several in one. */
export function numbersOf(message: Uint8Array, wanted: number): number[] {
  const found = [...fieldsOf(message)].filter(({ number }) => number === wanted);
  return found.flatMap(({ value }) => (typeof value === 'number' ? [value] : unpacked(value)));
}

/** The text of the first field of this number; empty without one. */
export function textOf(message: Uint8Array, wanted: number): string {
  for (const bytes of messagesOf(message, wanted)) return new TextDecoder().decode(bytes);
  return '';
}

function unpacked(value: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < value.length;) {
    const [number, next] = readVarint(value, at);
    numbers.push(number);
    at = next;
  }
  return numbers;
}

/** @returns the number and the position after it */
export function readVarint(message: Uint8Array, from: number): [number, number] {
  let value = 0;
  for (let at = from, scale = 1; ; scale *= 128) {
    const byte = message[at++];
    if (byte === undefined || scale > 2 ** 63) throw new RangeError('cut short');
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}

/** A message of these fields: whole numbers, texts, or bytes, which may be a message again. */
export function message(...fields: readonly (readonly [number, number | string | Uint8Array])[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8 + VARINT), varint(value)];
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      return [varint(number * 8 + BYTES), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}
