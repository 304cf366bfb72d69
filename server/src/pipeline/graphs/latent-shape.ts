import { ModelError } from '../errors.js';
import { fixed, type TensorSpec } from './graph-specs.js';
import type { Size } from './pixels.js';

export interface LatentShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * @param factor pixels that one unit of `shape` spans each way
 * @throws ModelError when a graph fixes its latents, or its pictures, to another size
 */
export function requireFixed(
  path: string,
  spec: TensorSpec,
  { shape: { height, width }, factor }: { readonly shape: Size; readonly factor: number },
): void {
  const [high = height, wide = width] = spec.shape.slice(2).map(fixed);
  if (high === height && wide === width) return;
  throw new ModelError(
    `${path} takes ${wide * factor} x ${high * factor} pixels only, not ${width * factor} x ${height * factor}: ` +
      'ask for that size, or export it with free sizes',
  );
}
