/** The value below which a share `q` of the values lies, interpolated (Hyndman and Fan's type 7). NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const [from = NaN, to = from] = [sorted[low], sorted[low + 1]];
  return from + (to - from) * (at - low);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
