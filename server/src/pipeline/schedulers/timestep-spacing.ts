export interface Spacing {
  /** `trailing`, `leading`, or else evenly from the first to the last. */
  readonly kind: string;
  /** Timesteps of the training. */
  readonly count: number;
  /** Added to each where they lead. */
  readonly offset: number;
}

/** `steps` timesteps, falling, as diffusers spaces them; evenly spaced ones are not rounded. */
export function spacedTimesteps(steps: number, { kind, count, offset }: Spacing): number[] {
  const indices = Array.from({ length: steps }, (_, i) => i);
  if (kind === 'trailing') return indices.map((i) => roundHalfEven(count - (i * count) / steps) - 1);
  if (kind === 'leading') return indices.map((i) => (steps - 1 - i) * Math.floor(count / steps) + offset);
  return indices.map((i) => (steps === 1 ? 0 : ((steps - 1 - i) * (count - 1)) / (steps - 1)));
}

/** As NumPy rounds. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
