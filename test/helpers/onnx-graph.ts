import { writeOnnx, type Initializer, type ValueInfo } from './onnx-writer.js';

/*
 * Small ONNX graphs in the short form that most tests need: inputs, outputs and constants by name.
 */

export type TensorType = Omit<ValueInfo, 'name'>;

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Whole numbers. */
  readonly attributes?: Readonly<Record<string, number>>;
}

export interface SmallGraph {
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, TensorType>>;
  readonly nodes: readonly Node[];
  /** Constants: a list of whole numbers, or one number in single precision. */
  readonly constants: Readonly<Record<string, readonly number[] | number>>;
}

/** The bytes of an ONNX file. */
export function onnxGraph({ inputs, outputs, nodes, constants }: SmallGraph): Uint8Array {
  return writeOnnx({
    nodes: nodes.map(({ op, output, ...node }) => ({ ...node, operator: op, outputs: [output] })),
    inputs: named(inputs),
    outputs: named(outputs),
    initializers: Object.entries(constants).map(([name, value]) => constant(name, value)),
  });
}

function named(types: Readonly<Record<string, TensorType>>): ValueInfo[] {
  return Object.entries(types).map(([name, type]) => ({ name, ...type }));
}

function constant(name: string, value: readonly number[] | number): Initializer {
  if (typeof value === 'number') {
    return { name, type: 'float32', shape: [], data: new Uint8Array(Float32Array.of(value).buffer) };
  }
  return { name, type: 'int64', shape: [value.length], data: new Uint8Array(BigInt64Array.from(value, BigInt).buffer) };
}
