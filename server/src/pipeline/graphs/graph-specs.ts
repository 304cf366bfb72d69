import { basename, dirname, join } from 'node:path';
import { ModelError } from '../errors.js';

export type ElementType = 'float32' | 'float16' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool';

/** An input or output as the graph declares it. A dimension is a number, or a name where it is free. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** The size of a dimension; undefined if it is free. */
export function fixed(dimension: number | string | undefined): number | undefined {
  return typeof dimension === 'number' && dimension > 0 ? dimension : undefined;
}

/** The inputs and outputs of a graph. */
export class GraphSpecs {
  readonly path: string;
  readonly inputs: ReadonlyMap<string, TensorSpec>;
  readonly outputs: ReadonlyMap<string, TensorSpec>;

  constructor(path: string, inputs: ReadonlyMap<string, TensorSpec>, outputs: ReadonlyMap<string, TensorSpec>) {
    this.path = path;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The end of the path that names the graph, for messages to clients. */
  get name(): string {
    return join(basename(dirname(this.path)), basename(this.path));
  }

  /** @throws ModelError when the graph has no such input */
  input(name: string): TensorSpec {
    const spec = this.inputs.get(name);
    if (spec) return spec;
    throw new ModelError(`${this.path} has no input ${name}, only ${[...this.inputs.keys()].join(', ')}`);
  }

  /** @throws ModelError when the graph has other inputs than these */
  refuseInputsBut(known: readonly string[]): void {
    const strange = [...this.inputs.keys()].filter((name) => !known.includes(name));
    if (strange.length === 0) return;
    throw new ModelError(`${this.path} wants ${strange.join(', ')}: a model of this kind is not served`);
  }

  /** @throws ModelError when the graph has no such output */
  requireOutput(name: string): TensorSpec {
    const spec = this.outputs.get(name);
    if (spec) return spec;
    throw new ModelError(`${this.path} has no output ${name}, only ${[...this.outputs.keys()].join(', ')}`);
  }

  /** The first of `names` that is an output of the graph, else its first output. */
  output(...names: readonly string[]): TensorSpec {
    const wanted = names.find((name) => this.outputs.has(name)) ?? [...this.outputs.keys()][0]!;
    return this.outputs.get(wanted)!;
  }
}
