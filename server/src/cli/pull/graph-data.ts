import { createReadStream } from 'node:fs';

/** The start of a StringStringEntryProto with key `location`, up to the length of its value (onnx.proto, TensorProto.external_data). */
const LOCATION = Buffer.from([0x0a, 8, ...Buffer.from('location'), 0x12]);
const LONGEST_NAME = 1024;

/** Finds the names of the files with an ONNX graph's weights in its bytes, without holding the whole graph in memory. */
export async function readDataNames(path: string): Promise<Set<string>> {
  const names = new Set<string>();
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    for (let at = bytes.indexOf(LOCATION); at >= 0; at = bytes.indexOf(LOCATION, at + 1)) {
      const from = at + LOCATION.length;
      // A varint: seven bits per byte, least significant first; the eighth bit means that more follow.
      const [low = 0, high = 0] = bytes.subarray(from, from + 2);
      const [length, start] = low < 0x80 ? [low, from + 1] : [(low & 0x7f) | (high << 7), from + 2];
      if (length === 0 || length > LONGEST_NAME || start + length > bytes.length) continue;
      names.add(bytes.toString('utf8', start, start + length));
    }
    // Keeps enough for an entry that the chunk's end cuts in two.
    rest = bytes.subarray(Math.max(0, bytes.length - LOCATION.length - 2 - LONGEST_NAME));
  }
  return names;
}
