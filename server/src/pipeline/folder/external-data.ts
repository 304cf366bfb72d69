import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { ModelError } from '../errors.js';
import { GRAPH_INITIALIZER, MODEL, TENSOR } from '../onnx/fields.js';
import { messagesOf, numbersOf, textOf } from '../onnx/protobuf.js';
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
    for (const body of messagesOf(graph, MODEL.graph)) {
      for (const tensor of messagesOf(body, GRAPH_INITIALIZER)) {
        const entries = [...messagesOf(tensor, TENSOR.external)].map(readEntry);
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
  return [textOf(entry, 1), textOf(entry, 2)];
}

/** Bytes of a tensor's values by its shape and type, for graphs that do not declare them. */
function bytesOf(tensor: Uint8Array): number {
  const bits = TYPE_BITS[numbersOf(tensor, TENSOR.type)[0] ?? 0] ?? 0;
  return Math.ceil((numbersOf(tensor, TENSOR.dims).reduce((product, size) => product * size, 1) * bits) / 8);
}

/** Bits of a value, by TensorProto.DataType; 0 for text. */
const TYPE_BITS = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2];
