/*
 * The number of random tries, and their seed: `npm test` makes a fiftieth of the tries of `npm run fuzz`. With a
 * printed seed in UNDERPAINT_FUZZ_SEED the same tries are repeated.
 */

const SCALE = Number(process.env['UNDERPAINT_FUZZ_SCALE'] ?? 1);
const SCALE_OF_ALL = 50;

export interface Tries {
  readonly numRuns: number;
  readonly seed: number;
}

/** @param all with `npm run fuzz` */
export function tries(what: string, all: number): Tries {
  const numRuns = Math.ceil((all / SCALE_OF_ALL) * SCALE);
  const seed = Number(process.env['UNDERPAINT_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`${numRuns} ${what}: UNDERPAINT_FUZZ_SEED=${seed}`);
  return { numRuns, seed };
}
