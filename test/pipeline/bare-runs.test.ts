import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BareRuns } from '../../server/src/cli/bench/bare-runs.js';

const LANDSCAPE = fileURLToPath(new URL('../../models/landscape', import.meta.url));
const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

describe('the bare calls of one frame', () => {
  it('run with a control of the sketch', async () => {
    const bare = await BareRuns.open(LANDSCAPE, { ...CPU, width: 256, height: 256, steps: 1 });
    await expect(bare.frame()).resolves.toBeGreaterThan(0);
    await bare.dispose();
  });
});
