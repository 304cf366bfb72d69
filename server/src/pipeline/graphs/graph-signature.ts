import { ModelError } from '../errors.js';
import { fixed, type ElementType, type TensorSpec } from './ort.js';

/*
 * What goes into a graph and comes out of it, checked when the graph is loaded: a server should not be ready, and then
 * fail at the first picture.
 */

export const REAL: readonly ElementType[] = ['float32', 'float16', 'float64'];
export const WHOLE: readonly ElementType[] = ['int64', 'int32'];

export interface Signature {
  readonly types: readonly ElementType[];
  /** Dimensions; several where either will do. */
  readonly ranks: readonly number[];
  /** The size of the second dimension, where only one will do. */
  readonly channels?: number | undefined;
}

/** @throws ModelError when an input or output is of another type or shape than it has to be */
export function requireTensor(path: string, { name, type, shape }: TensorSpec, wanted: Signature): void {
  const { types, ranks, channels } = wanted;
  // A shape that the graph does not tell is empty, too: running it shows.
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
