import { expect, it } from 'vitest';
import { FrameError } from '../../server/src/errors.js';
import { decodeImage } from '../../server/src/inference/worker/image.js';
import { randomOf } from '../helpers/random.js';
import { damaged } from './edits.js';
import { tries } from './scale.js';
import { seedPictures } from './seed-pictures.js';

/* Decodes a picture as a worker does, in the process of this test: a crash of the decoder ends it. */

const SIZE = { width: 64, height: 64 };
const MAX_PIXELS = 1_048_576;
/** Any valid header is decoded; a frame that takes longer would cost others their turn. */
const MAX_MS = 500;

it('decodes or refuses every mutated picture, within a bounded time', async () => {
  const { numRuns, seed } = tries('mutated pictures', 10_000);
  const random = randomOf(seed);
  const originals = await seedPictures();
  const refused: Record<string, number> = {};
  let [decoded, longestMs] = [0, 0];
  for (let i = 0; i < numRuns; i++) {
    const bytes = damaged(random.of(originals), random);
    const start = process.cpuUsage();
    try {
      const pixels = await decodeImage(bytes, { ...SIZE, maxPixels: MAX_PIXELS });
      expect(pixels.length).toBe(SIZE.width * SIZE.height * 3);
      decoded += 1;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      refused[error.code] = (refused[error.code] ?? 0) + 1;
    }
    const { user, system } = process.cpuUsage(start);
    longestMs = Math.max(longestMs, (user + system) / 1_000);
  }
  console.log({ decoded, refused, longestMs });
  expect(longestMs).toBeLessThan(MAX_MS);
  // The decoder neither accepts nor refuses everything.
  expect(decoded).toBeGreaterThan(numRuns / 20);
  expect(refused['bad-image']).toBeGreaterThan(numRuns / 20);
}, 1_200_000);
