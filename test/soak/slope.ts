/** A value at a time. */
export type Sample = readonly [at: number, value: number];

/** The median of the slopes between all pairs (Theil and Sen): a few odd samples do not move it. */
export function slopeOf(samples: readonly Sample[]): number {
  const slopes = samples.flatMap(([at, value], i) =>
    samples.slice(i + 1).map(([laterAt, laterValue]) => (laterValue - value) / (laterAt - at)),
  );
  return medianOf(slopes);
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
