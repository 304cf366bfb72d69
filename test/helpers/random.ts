/** Numbers that look random, the same for the same seed. */
export interface Random {
  /** A whole number from 0 to one less than `end`. */
  below(end: number): number;
  chance(part: number): boolean;
  of<T>(all: readonly T[]): T;
}

/** mulberry32 */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { below, chance: (part) => next() < part, of: (all) => all[below(all.length)]! };
}
