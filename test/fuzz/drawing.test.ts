import { expect, it } from 'vitest';
import { fuzzUpdates } from './drawing-updates.js';

/** `npm run fuzz` tries many more. */
const ROUNDS = 3_000 * Number(process.env['UNDERPAINT_FUZZ_SCALE'] ?? 1);

it('takes no update whose state does not load into an equal document, nor one that costs more than was counted', () => {
  const seed = Number(process.env['UNDERPAINT_FUZZ_SEED'] ?? Date.now() % 2 ** 32);
  console.log(`updates of a drawing: seed ${seed}`);
  const { accepted, refused, longestMs } = fuzzUpdates({ rounds: ROUNDS, seed });
  console.log({ accepted, refused, longestMs });
  // Neither a guard that takes everything nor one that takes nothing.
  expect(accepted).toBeGreaterThan(ROUNDS / 10);
  expect(refused['garbage']).toBeGreaterThan(ROUNDS / 10);
}, 600_000);
