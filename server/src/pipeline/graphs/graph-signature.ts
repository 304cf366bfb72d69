import { ModelError } from '../errors.js';
import { type ElementType, fixed, type TensorSpec } from './graph-specs.js';

/*
 * Checks the inputs and outputs of a graph when it is loaded, so that a server does not start and then fail at the first
 * picture.
 */

export const REAL: readonly ElementType[] = ['float32', 'float16', 'float64'];
export const WHOLE: readonly ElementType[] = ['int64', 'int32'];

export interface Signature {
  readonly types: readonly ElementType[];
  /** Allowed numbers of dimensions. */
  readonly ranks: readonly number[];
  /** The size of the second dimension, if it must have one. */
  readonly channels?: number | undefined;
}

/** @throws ModelError when an input or output has another type or shape than `wanted` */
export function requireTensor(path: string, { name, type, shape }: TensorSpec, wanted: Signature): void {
  const { types, ranks, channels } = wanted;
  // An empty shape may also mean that the graph does not declare it.
  const isShape = shape.length === 0 || ranks.includes(shape.length);
  const isChannels = channels === undefined || (fixed(shape[1]) ?? channels) === channels;
  if (types.includes(type) && isShape && isChannels) return;
  const of = channels === undefined ? '' : `, the second of size ${channels}`;
  throw new ModelError(
    `${path}: ${name} is ${type} [${shape.join(', ')}], where ${oneOf(types)} in ${oneOf(ranks)} dimensions${of} is ` +
      'expected: take a graph as Optimum exports it',
  );
}

function oneOf(values: readonly (string | number)[]): string {
  return values.join(', ').replace(/, ([^,]*)$/, ' or $1');
}
