import { message } from '../../server/src/pipeline/onnx/protobuf.js';

/*
 * Writes small ONNX graphs (onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), also with unusual
 * shapes and types. Field numbers are those of that file.
 */

/** TensorProto.DataType. */
export const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;
export type TypeName = keyof typeof TYPES;

export interface ValueInfo {
  readonly name: string;
  readonly type: TypeName;
  /** A dimension is a number, or a name if it is free. */
  readonly shape: readonly (number | string)[];
}

export interface Initializer {
  readonly name: string;
  readonly type: TypeName;
  readonly shape: readonly number[];
  /** The bytes of the values; or `location` and other properties of the file with them. */
  readonly data: Uint8Array | Readonly<Record<string, string>>;
}

export interface Node {
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers. */
  readonly attributes?: Readonly<Record<string, number>>;
}

export interface GraphDescription {
  readonly irVersion?: number;
  readonly opset?: number;
  /** Opsets beside that of ONNX itself. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers?: readonly Initializer[];
}

/** The bytes of a `model.onnx`. */
export function writeOnnx(model: GraphDescription): Uint8Array {
  const { irVersion = 8, opset = 17, domains = {} } = model;
  const opsets = Object.entries({ '': opset, ...domains });
  return message(
    [1, irVersion],
    [7, graphOf(model)],
    ...opsets.map(([domain, version]) => [8, message([1, domain], [2, version])] as const),
  );
}

function graphOf({ nodes, inputs, outputs, initializers = [] }: GraphDescription): Uint8Array {
  return message(
    ...nodes.map((node) => [1, nodeOf(node)] as const),
    [2, 'graph'],
    ...initializers.map((tensor) => [5, tensorOf(tensor)] as const),
    ...inputs.map((info) => [11, infoOf(info)] as const),
    ...outputs.map((info) => [12, infoOf(info)] as const),
  );
}

function nodeOf({ operator, domain, inputs, outputs, attributes = {} }: Node): Uint8Array {
  return message(
    ...inputs.map((name) => [1, name] as const),
    ...outputs.map((name) => [2, name] as const),
    [4, operator],
    ...Object.entries(attributes).map(([name, value]) => [5, message([1, name], [3, value], [20, 2])] as const),
    ...(domain === undefined ? [] : [[7, domain] as const]),
  );
}

function tensorOf({ name, type, shape, data }: Initializer): Uint8Array {
  const head = message(...shape.map((size) => [1, size] as const), [2, TYPES[type]], [8, name]);
  if (data instanceof Uint8Array) return Buffer.concat([head, message([9, data])]);
  const external = Object.entries(data).map(([key, value]) => [13, message([1, key], [2, value])] as const);
  return Buffer.concat([head, message(...external, [14, 1])]);
}

function infoOf({ name, type, shape }: ValueInfo): Uint8Array {
  const dimensions = shape.map((size) => [1, message([typeof size === 'number' ? 1 : 2, size])] as const);
  return message([1, name], [2, message([1, message([1, TYPES[type]], [2, message(...dimensions)])])]);
}
