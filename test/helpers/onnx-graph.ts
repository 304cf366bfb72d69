/*
 * Writes small ONNX graphs for tests: a writer of protocol buffers for the few fields that the tests need. Field numbers
 * are those of onnx.proto3.
 */

export interface TensorType {
  readonly type: 'float32' | 'float16' | 'int64';
  /** A dimension is a number, or a name if it is free. */
  readonly shape: readonly (number | string)[];
}

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

const ELEMENT_TYPES = { float32: 1, int64: 7, float16: 10 } as const;
const INT_ATTRIBUTE = 2;

/** The bytes of an ONNX file. */
export function onnxGraph({ inputs, outputs, nodes, constants }: SmallGraph): Uint8Array {
  const graph = message(
    ...nodes.map((node) => field(1, nodeProto(node))),
    field(2, 'graph'),
    ...Object.entries(constants).map(([name, value]) => field(5, constantProto(name, value))),
    ...Object.entries(inputs).map(([name, type]) => field(11, valueProto(name, type))),
    ...Object.entries(outputs).map(([name, type]) => field(12, valueProto(name, type))),
  );
  const opset = message(field(1, ''), field(2, 17));
  return message(field(1, 8), field(7, graph), field(8, opset));
}

function nodeProto({ op, inputs, output, attributes = {} }: Node): Uint8Array {
  const attribute = ([name, value]: [string, number]) =>
    message(field(1, name), field(3, value), field(20, INT_ATTRIBUTE));
  return message(
    ...inputs.map((name) => field(1, name)),
    field(2, output),
    field(4, op),
    ...Object.entries(attributes).map((one) => field(5, attribute(one))),
  );
}

function constantProto(name: string, value: readonly number[] | number): Uint8Array {
  if (typeof value === 'number') {
    const bytes = new Uint8Array(Float32Array.of(value).buffer);
    return message(field(2, ELEMENT_TYPES.float32), field(8, name), field(9, bytes));
  }
  const bytes = new Uint8Array(BigInt64Array.from(value, BigInt).buffer);
  return message(field(1, value.length), field(2, ELEMENT_TYPES.int64), field(8, name), field(9, bytes));
}

function valueProto(name: string, { type, shape }: TensorType): Uint8Array {
  const dimensions = shape.map((size) => field(1, message(field(typeof size === 'number' ? 1 : 2, size))));
  const tensor = message(field(1, ELEMENT_TYPES[type]), field(2, message(...dimensions)));
  return message(field(1, name), field(2, message(field(1, tensor))));
}

function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

/** Whole numbers are varints; text and bytes carry their length. */
function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}
