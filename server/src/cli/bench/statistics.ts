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

/** Jain's fairness index (Jain, Chiu and Hawe 1984): 1 for equal shares, 1/n if one takes all. */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return sum ** 2 / (shares.length * squares);
}

/** Rounds to three decimals; more would suggest a precision that is not there. */
export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
