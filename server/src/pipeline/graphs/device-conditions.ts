import { ADDED } from '../onnx/addition.js';
import { openPassing, type Extension } from './extended-graph.js';
import type { DeviceTensor, ElementData, Graph, GraphOptions, TensorValue } from './ort.js';
import { integerTensor } from './tensor.js';

/** A condition of a call. */
export interface StackedRows {
  readonly name: string;
  /** One for each row that is used. They are known again by their arrays, which must not be written to. */
  readonly rows: readonly TensorValue[];
  /** Rows of the call, with those that only fill it. */
  readonly count: number;
  /** Puts them together. */
  readonly stack: () => TensorValue;
}

interface Kept {
  /** The data of each row that the tensor was made of. */
  readonly rows: readonly ElementData[];
  readonly tensor: DeviceTensor;
}

/** Gives numbers in a shape. */
const SHAPE: Extension = {
  check: () => undefined,
  extend(specs, added) {
    const inputs = ['numbers', 'shape'].map((name) => specs.input(name).name);
    added.output({ name: 'shaped', type: 'float32', shape: [] }, { operator: 'Reshape', inputs });
    return [];
  },
  held: () => [`${ADDED}shaped`],
};

/**
 * The large conditions of the last call, where the device has memory of its own: the steps of a picture, and pictures of the
 * same words, have the same ones. They are sent again only when the rows of a call change.
 */
export class DeviceConditions {
  readonly #shape: Graph;
  readonly #kept = new Map<string, Kept>();

  private constructor(shape: Graph) {
    this.#shape = shape;
  }

  static async open(options: GraphOptions): Promise<DeviceConditions> {
    const shape = { name: 'shape', type: 'int64', shape: ['axes'] } as const;
    const numbers = { name: 'numbers', type: 'float32', shape: ['count'] } as const;
    const graph = {
      name: 'conditions',
      inputs: [numbers, shape],
      passed: 'shape',
      output: { ...shape, name: 'passed' },
    };
    return new DeviceConditions(await openPassing(graph, SHAPE, options));
  }

  /** The condition in one tensor. */
  async hold({ name, rows, count, stack }: StackedRows): Promise<TensorValue | DeviceTensor> {
    if (!isLarge(rows[0]!)) return stack();
    const kept = this.#kept.get(name);
    if (kept && isOf(kept, rows, count)) return kept.tensor;
    const tensor = await this.#send(stack());
    kept?.tensor.dispose();
    this.#kept.set(name, { rows: rows.map(({ data }) => data), tensor });
    return tensor;
  }

  async #send({ data, shape }: TensorValue): Promise<DeviceTensor> {
    const numbers = { type: 'float32', data, shape: [data.length] } as const;
    const feeds = { numbers, shape: integerTensor('int64', shape, [shape.length]) };
    const { held } = await this.#shape.runHolding(feeds, [], ['shaped']);
    return held[0]!;
  }

  async dispose(): Promise<void> {
    for (const { tensor } of this.#kept.values()) tensor.dispose();
    await this.#shape.dispose();
  }
}

/** Words and pictures, and not single numbers. */
function isLarge({ type, shape }: TensorValue): boolean {
  return type === 'float32' && shape.length > 1;
}

function isOf({ rows: known, tensor }: Kept, rows: readonly TensorValue[], count: number): boolean {
  return tensor.shape[0] === count && known.length === rows.length && rows.every(({ data }, i) => data === known[i]);
}
