/*
 * How much is tried at random, and from which seed: `npm test` tries a fiftieth of what `npm run fuzz` does. A seed that
 * was printed brings the same tries back by UNDERPAINT_FUZZ_SEED.
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
