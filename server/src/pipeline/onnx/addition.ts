import type { ElementType, TensorSpec } from '../graphs/graph-specs.js';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DATA_TYPES,
  GRAPH_INITIALIZER,
  GRAPH_INPUT,
  GRAPH_NAME,
  GRAPH_NODE,
  GRAPH_OUTPUT,
  MODEL,
  OPSET_VERSION,
  NODE,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  VALUE,
} from './fields.js';
import { message } from './protobuf.js';

/** Begins the names of all values that are added, which keeps them apart from the graph's own. */
export const ADDED = 'underpaint/';

export type Dimension = number | string;
type Attributes = Readonly<Record<string, number | readonly number[]>>;

export interface AddedNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  /** Whole numbers, or lists of them. */
  readonly attributes?: Attributes | undefined;
}

/**
 * Parts to be added to a graph: nodes before its inputs and after its outputs. An input of the graph that a node is to feed
 * is hidden. All operators that are added have the same form in every opset from 10 on.
 */
export class Addition {
  /** Inputs of the graph that added nodes feed. */
  readonly hidden = new Map<string, TensorSpec>();
  readonly #fields: Uint8Array[] = [];
  #values = 0;

  /** An input that callers feed in place of hidden ones. */
  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#put(GRAPH_INPUT, valueOf({ name: ADDED + name, type, shape }));
    return ADDED + name;
  }

  /** An output that callers read, and the node that gives it; returns the value. */
  output(spec: TensorSpec, node: AddedNode): string {
    const name = ADDED + spec.name;
    this.#put(GRAPH_OUTPUT, valueOf({ ...spec, name }));
    return this.#node(node, name);
  }

  /** Makes outputs of the inputs that added nodes feed. */
  reveal(): void {
    for (const spec of this.hidden.values()) this.#put(GRAPH_OUTPUT, valueOf(spec));
  }

  /** @returns the value */
  node(operator: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.#node({ operator, inputs, attributes }, this.#name());
  }

  /** Feeds an input of the graph with a value in single precision or in whole numbers; it is converted to its type. */
  feed(spec: TensorSpec, value: string): void {
    this.hidden.set(spec.name, spec);
    this.#node(castNode(value, spec.type), spec.name);
  }

  cast(value: string, type: ElementType): string {
    return this.#node(castNode(value, type), this.#name());
  }

  /** A constant in single precision. */
  floats(values: readonly number[], shape: readonly number[] = []): string {
    return this.#constant('float32', shape, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** A constant of whole numbers. */
  wholes(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant('int64', shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** The constant 0 in a byte: the zero point of pixels. */
  zeroByte(): string {
    return this.#constant('uint8', [], Uint8Array.of(0));
  }

  /** A model of these parts. Protocol Buffers joins it with a model that it is appended to. */
  toBytes(): Uint8Array {
    return message([MODEL.graph, Buffer.concat(this.#fields)]);
  }

  #node({ operator, inputs, attributes = {} }: AddedNode, output: string): string {
    const node = message(
      ...inputs.map((name) => [NODE.input, name] as const),
      [NODE.output, output],
      [NODE.operator, operator],
      ...Object.entries(attributes).map(([name, value]) => [NODE.attribute, attributeOf(name, value)] as const),
    );
    this.#put(GRAPH_NODE, node);
    return output;
  }

  #constant(type: ElementType, shape: readonly number[], bytes: Uint8Array): string {
    const name = this.#name();
    const dims = shape.map((size) => [TENSOR.dims, size] as const);
    const fields = [...dims, [TENSOR.type, DATA_TYPES[type]], [TENSOR.name, name], [TENSOR.bytes, bytes]] as const;
    this.#put(GRAPH_INITIALIZER, message(...fields));
    return name;
  }

  #name(): string {
    return `${ADDED}${this.#values++}`;
  }

  #put(field: number, bytes: Uint8Array): void {
    this.#fields.push(message([field, bytes]));
  }
}

/** Versions of the format and of the operators, of models that are made here. */
const [IR_VERSION, OPSET] = [8, 17];

/** A model that gives one of its values out again. */
export interface PassingModel {
  /** The value: one of the inputs, or one that an addition feeds. */
  readonly value: string;
  readonly inputs: readonly TensorSpec[];
  readonly output: TensorSpec;
}

export function passingModel({ value, inputs, output }: PassingModel): Uint8Array {
  const node = message([NODE.input, value], [NODE.output, output.name], [NODE.operator, 'Identity']);
  const values = [
    ...inputs.map((spec) => [GRAPH_INPUT, valueOf(spec)] as const),
    [GRAPH_OUTPUT, valueOf(output)] as const,
  ];
  const graph = message([GRAPH_NODE, node], [GRAPH_NAME, 'passing'], ...values);
  return message([MODEL.ir, IR_VERSION], [MODEL.opset, message([OPSET_VERSION, OPSET])], [MODEL.graph, graph]);
}

/** A node that converts numbers. */
export function castNode(value: string, type: ElementType): AddedNode {
  return { operator: 'Cast', inputs: [value], attributes: { to: DATA_TYPES[type] } };
}

function attributeOf(name: string, value: number | readonly number[]): Uint8Array {
  if (typeof value === 'number') {
    return message([ATTRIBUTE.name, name], [ATTRIBUTE.whole, value], [ATTRIBUTE.type, ATTRIBUTE_TYPE.whole]);
  }
  const wholes = value.map((one) => [ATTRIBUTE.wholes, one] as const);
  return message([ATTRIBUTE.name, name], ...wholes, [ATTRIBUTE.type, ATTRIBUTE_TYPE.wholes]);
}

function valueOf({ name, type, shape }: TensorSpec): Uint8Array {
  const dimensions = shape.map((one) => [SHAPE.dimension, dimensionOf(one)] as const);
  const tensor = message([TENSOR_TYPE.element, DATA_TYPES[type]], [TENSOR_TYPE.shape, message(...dimensions)]);
  return message([VALUE.name, name], [VALUE.type, message([TENSOR_TYPE.tensor, tensor])]);
}

/** A dimension without a size or a name is free. */
function dimensionOf(dimension: Dimension): Uint8Array {
  if (dimension === '') return message();
  return message([typeof dimension === 'number' ? SHAPE.size : SHAPE.name, dimension]);
}
