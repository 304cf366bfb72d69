import { open, type FileHandle } from 'node:fs/promises';
import { GraphSpecs, type ElementType, type TensorSpec } from '../graphs/graph-specs.js';
import {
  DATA_TYPES,
  GRAPH_INITIALIZER,
  GRAPH_INPUT,
  GRAPH_OUTPUT,
  MODEL,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  VALUE,
} from './fields.js';
import { FileFields } from './file-fields.js';
import { messagesOf, numbersOf, textOf } from './protobuf.js';

/*
 * Reads what a graph declares from its file, without its weights, which may be gigabytes.
 */

export interface DescribedGraph {
  readonly specs: GraphSpecs;
  /** The byte of the file at which the field of each input begins. */
  readonly inputsAt: ReadonlyMap<string, number>;
}

/** @returns undefined for a file that is missing, or not a graph: opening it says why */
export async function describeGraph(path: string): Promise<DescribedGraph | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    return file && (await describe(path, file));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  } finally {
    await file?.close();
  }
}

async function describe(path: string, file: FileHandle): Promise<DescribedGraph> {
  const inputs = new Map<string, TensorSpec>();
  const outputs = new Map<string, TensorSpec>();
  const inputsAt = new Map<string, number>();
  const fields = new FileFields(file);
  for await (const model of fields.of(0, (await file.stat()).size)) {
    if (model.number !== MODEL.graph) continue;
    for await (const field of fields.of(model.from, model.end)) {
      if (field.number === GRAPH_OUTPUT) put(outputs, specOf(await fields.bytes(field)));
      if (field.number !== GRAPH_INPUT) continue;
      const spec = specOf(await fields.bytes(field));
      put(inputs, spec);
      inputsAt.set(spec.name, field.at);
    }
    // Old exporters list weights among the inputs.
    for await (const field of fields.of(model.from, model.end)) {
      if (field.number === GRAPH_INITIALIZER && inputs.size > 0)
        inputs.delete(await nameOf(fields, field.from, field.end));
    }
  }
  return { specs: new GraphSpecs(path, inputs, outputs), inputsAt };
}

function put(specs: Map<string, TensorSpec>, spec: TensorSpec): void {
  specs.set(spec.name, spec);
}

/** The name of a tensor, without reading its values. */
async function nameOf(fields: FileFields, from: number, end: number): Promise<string> {
  for await (const field of fields.of(from, end)) {
    if (field.number === TENSOR.name) return new TextDecoder().decode(await fields.bytes(field));
  }
  return '';
}

function specOf(value: Uint8Array): TensorSpec {
  const [type = EMPTY] = messagesOf(value, VALUE.type);
  const [tensor = EMPTY] = messagesOf(type, TENSOR_TYPE.tensor);
  const [shape = EMPTY] = messagesOf(tensor, TENSOR_TYPE.shape);
  const [element] = numbersOf(tensor, TENSOR_TYPE.element);
  return {
    name: textOf(value, VALUE.name),
    // Types that are not served keep their number, for the message.
    type: (NAMES.get(element) ?? `type ${element}`) as ElementType,
    shape: [...messagesOf(shape, SHAPE.dimension)].map(dimensionOf),
  };
}

const EMPTY = new Uint8Array();
const NAMES = new Map<number | undefined, string>(Object.entries(DATA_TYPES).map(([name, number]) => [number, name]));

function dimensionOf(dimension: Uint8Array): number | string {
  const [size] = numbersOf(dimension, SHAPE.size);
  return size ?? textOf(dimension, SHAPE.name);
}
