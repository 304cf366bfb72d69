import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { ModelError } from '../errors.js';
import { readIfThere } from './read-file.js';

/*
 * The weights of a graph may be in a file beside it. ONNX Runtime does not check that file: a longer one of another
 * graph loads without an error and paints noise. So its length is compared with the length that the graph declares.
 */

/** Larger graphs hold their weights themselves. */
const LARGEST_GRAPH = 64 << 20;
/** Exporters may pad the file to a whole page. */
const PAGE = 65_536;

/** @throws ModelError when a file of weights is missing, is not as long as the graph says, or is not in its folder */
export async function checkExternalData(path: string): Promise<void> {
  for (const [location, end] of await externalEnds(path)) {
    const folder = resolve(dirname(path));
    const file = join(dirname(path), location);
    if (isAbsolute(location) || !resolve(file).startsWith(folder + sep)) {
      throw new ModelError(`${path} has its weights in ${location}, outside of its folder: export it again`);
    }
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size === undefined)
      throw new ModelError(`${file}, the weights of ${path}, is missing: fetch or export both again`);
    if (size >= end && size - end < PAGE) continue;
    throw new ModelError(
      `${file} has ${size} bytes, ${path} declares ${end}: it is cut short, or of another graph; fetch both again`,
    );
  }
}

/**
 * The files that weights lie in, beside the graph, and where the last of them ends. Empty for a graph that cannot be read:
 * loading it says why.
 *
 * @throws ModelError if it is no file
 */
export async function externalEnds(path: string): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  if ((await stat(path)).size > LARGEST_GRAPH) return ends;
  const graph = await readIfThere(path);
  if (!graph) return ends;
  try {
    for (const body of messagesOf(graph, MODEL_GRAPH)) {
      for (const tensor of messagesOf(body, GRAPH_INITIALIZER)) {
        const entries = [...messagesOf(tensor, TENSOR_EXTERNAL_DATA)].map(readEntry);
        if (entries.length === 0) continue;
        const { location = '', offset, length } = Object.fromEntries(entries) as Partial<Record<string, string>>;
        const end = Number(offset ?? 0) + Number(length ?? bytesOf(tensor));
        ends.set(location, Math.max(ends.get(location) ?? 0, end));
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Map();
  }
  return ends;
}

function readEntry(entry: Uint8Array): [string, string] {
  const text = (number: number): string => new TextDecoder().decode([...messagesOf(entry, number)][0]);
  return [text(1), text(2)];
}

/** Bytes of a tensor's values by its shape and type, for graphs that do not declare them. */
function bytesOf(tensor: Uint8Array): number {
  const numbersOf = (number: number): number[] => [...fieldsOf(tensor, number)].flatMap(unpacked);
  const bits = TYPE_BITS[numbersOf(TENSOR_TYPE)[0] ?? 0] ?? 0;
  return Math.ceil((numbersOf(TENSOR_DIMS).reduce((product, size) => product * size, 1) * bits) / 8);
}

/** Repeated numbers are one in each field, or all in one. */
function unpacked(value: number | Uint8Array): number[] {
  if (typeof value === 'number') return [value];
  const numbers: number[] = [];
  for (let at = 0; at < value.length;) {
    const [number, next] = readVarint(value, at);
    numbers.push(number);
    at = next;
  }
  return numbers;
}

// Numbers of fields in onnx.proto3.
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_DIMS = 1;
const TENSOR_TYPE = 2;
const TENSOR_EXTERNAL_DATA = 13;
/** Bits of a value, by TensorProto.DataType; 0 for text. */
const TYPE_BITS = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2];

function* messagesOf(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const value of fieldsOf(message, wanted)) if (typeof value !== 'number') yield value;
}

/**
 * All fields of one number in a Protocol Buffers message: numbers or bytes. Throws a RangeError if it is not a message.
 */
function* fieldsOf(message: Uint8Array, wanted: number): Generator<number | Uint8Array> {
  for (let at = 0; at < message.length;) {
    const [key, start] = readVarint(message, at);
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 1 || wire === 5) at = start + (wire === 1 ? 8 : 4);
    else if (wire === 0 || wire === 2) {
      const [value, next] = readVarint(message, start);
      at = wire === 0 ? next : next + value;
      if (at > message.length) throw new RangeError('cut short');
      if (number === wanted) yield wire === 0 ? value : message.subarray(next, at);
    } else throw new RangeError('no such field');
  }
}

/** @returns the number and the position after it */
function readVarint(message: Uint8Array, from: number): [number, number] {
  let value = 0;
  for (let at = from, scale = 1; ; scale *= 128) {
    const byte = message[at++];
    if (byte === undefined || scale > 2 ** 63) throw new RangeError('cut short');
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}
