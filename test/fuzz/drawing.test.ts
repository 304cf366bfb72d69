import { expect, it } from 'vitest';
import { fuzzUpdates } from './drawing-updates.js';
import { tries } from './scale.js';

const TIMEOUT_MS = 1_200_000;

it(
  'takes no update whose state does not load into an equal document, nor one that costs more than was counted',
  () => {
    const { numRuns, seed } = tries('mutated updates of a drawing', 200_000);
    const { accepted, refused, longestMs } = fuzzUpdates({ rounds: numRuns, seed });
    console.log({ accepted, refused, longestMs });
    // A guard that accepts everything or nothing would make the test worthless.
    expect(accepted).toBeGreaterThan(numRuns / 10);
    expect(refused['garbage']).toBeGreaterThan(numRuns / 10);
  },
  TIMEOUT_MS,
);
