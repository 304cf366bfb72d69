import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelError } from './errors.js';

/*
 * Weights may lie in a file beside the graph. ONNX Runtime reads from it what it is told to, whatever it is: a longer file
 * of another graph loads without a word and paints noise. So its length is compared with what the graph says of it.
 */

/** A graph whose weights lie elsewhere is small; one that is larger than this holds them itself. */
const LARGEST_GRAPH = 64 << 20;
/** Exporters may fill the file up to a whole page. */
const PAGE = 65_536;

/** @throws ModelError when a file of weights is missing, or is not as long as the graph says */
export async function checkExternalData(path: string): Promise<void> {
  for (const [location, end] of await externalEnds(path)) {
    const file = join(dirname(path), location);
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size === undefined)
      throw new ModelError(`${file}, the weights of ${path}, is missing: fetch or export both again`);
    if (size >= end && size - end < PAGE) continue;
    throw new ModelError(
      `${file} has ${size} bytes, ${path} tells of ${end}: it is cut short, or of another graph; fetch both again`,
    );
  }
}

/**
 * The files that weights lie in, beside the graph, and where the last of them ends. Empty for a graph that cannot be read:
 * loading it says why.
 */
export async function externalEnds(path: string): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  if ((await stat(path)).size > LARGEST_GRAPH) return ends;
  const graph = await readFile(path);
  try {
    for (const body of fieldsOf(graph, MODEL_GRAPH)) {
      for (const tensor of fieldsOf(body, GRAPH_INITIALIZER)) {
        const entries = [...fieldsOf(tensor, TENSOR_EXTERNAL_DATA)].map(readEntry);
        if (entries.length === 0) continue;
        const { location = '', offset = 0, length = 0 } = Object.fromEntries(entries) as Record<string, string>;
        ends.set(location, Math.max(ends.get(location) ?? 0, Number(offset) + Number(length)));
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Map();
  }
  return ends;
}

function readEntry(entry: Uint8Array): [string, string] {
  const text = (number: number): string => new TextDecoder().decode([...fieldsOf(entry, number)][0]);
  return [text(1), text(2)];
}

// Numbers of fields in onnx.proto3.
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_EXTERNAL_DATA = 13;

/** The bytes of every field of that number in a Protocol Buffers message; throws a RangeError at anything that is none. */
function* fieldsOf(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('cut short');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const end = varint() + at;
      if (end > message.length) throw new RangeError('cut short');
      if (number === wanted) yield message.subarray(at, end);
      at = end;
    } else throw new RangeError('no such field');
  }
}
