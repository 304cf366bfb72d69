import * as v from 'valibot';
import { oneOf, whole } from '../fields.js';
import { roundHalfEven } from '../rounding.js';

export type SpacingKind = 'leading' | 'trailing' | 'linspace';

export interface Spacing {
  readonly kind: SpacingKind;
  /** Timesteps of the training. */
  readonly count: number;
  /** Added to each timestep if they lead. */
  readonly offset: number;
}

/** @param usual the default of the class */
export function spacingFields(usual: SpacingKind) {
  return {
    timestep_spacing: v.optional(oneOf('leading', 'trailing', 'linspace'), usual),
    steps_offset: v.optional(whole(0, 1000), 0),
  };
}

/** `steps` timesteps, falling, as diffusers spaces them; evenly spaced ones are not rounded. */
export function spacedTimesteps(steps: number, { kind, count, offset }: Spacing): number[] {
  const indices = Array.from({ length: steps }, (_, i) => i);
  switch (kind) {
    case 'trailing': {
      // NumPy's arange adds the rounded difference of its first two numbers: whether a half is reached depends on that.
      const stride = count - (count - count / steps);
      return indices.map((i) => roundHalfEven(count - i * stride) - 1);
    }
    case 'leading':
      return indices.map((i) => (steps - 1 - i) * Math.floor(count / steps) + offset);
    case 'linspace':
      return linspace(count - 1, steps).reverse();
  }
}

/** From 0 to `last`, with NumPy's order of operations: a product that should be whole may be a hair off. */
function linspace(last: number, steps: number): number[] {
  const distance = last / (steps - 1);
  return Array.from({ length: steps }, (_, i) => (i === steps - 1 && i > 0 ? last : i === 0 ? 0 : i * distance));
}
