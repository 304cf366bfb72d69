import fc from 'fast-check';
import type { Random } from '../helpers/random.js';

/** Some bytes removed and others inserted, somewhere. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

/** From `minLength` to `maxLength` edits, each within the first 400 bytes. */
export function someEdits(minLength: number, maxLength: number): fc.Arbitrary<Edit[]> {
  const edit = fc.record({ at: fc.nat(400), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
  return fc.array(edit, { minLength, maxLength });
}

export function edited(original: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const bytes = [...original];
  for (const { at, remove, insert } of edits) bytes.splice(at % bytes.length, remove, ...insert);
  return Uint8Array.from(bytes);
}

/** Bytes changed, removed, repeated, moved or cut, a few times; a little more often in the head of the format. */
export function damaged(original: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let bytes = Uint8Array.from(original);
  for (let times = 1 + random.below(6); times > 0 && bytes.length > 0; times--) {
    const at = random.below(random.chance(0.4) ? Math.min(bytes.length, 200) : bytes.length);
    const length = 1 + random.below(random.chance(0.8) ? 4 : 64);
    const rest = bytes.subarray(at + length);
    switch (random.below(7)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = random.of([0, 1, 0x7f, 0x80, 0xfe, 0xff]);
        break;
      case 2:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 3:
        bytes = joined(bytes.subarray(0, at), rest);
        break;
      case 4:
        bytes = joined(bytes.subarray(0, at + length), bytes.subarray(at, at + length), rest);
        break;
      case 5:
        bytes.copyWithin(at, random.below(bytes.length), random.below(bytes.length));
        break;
      default:
        if (random.chance(0.2)) bytes = bytes.slice(0, at);
    }
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}
