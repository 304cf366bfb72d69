import { optimisedDirOf } from '../../inference/cache-folder.js';
import type { BareJob } from './bare-layouts.js';
import { BareRuns } from './bare-runs.js';

/* One process of a bare layout: loads, reports, waits for a message, then runs frames for a while and sends their rate. */

const job = JSON.parse(process.argv[2]!) as BareJob;
const { modelDir, seconds, rows } = job;
const optimisedDir = optimisedDirOf(modelDir, process.env);
const bare = await BareRuns.open(modelDir, { ...job, device: 'cpu', deviceId: 0, optimisedDir });
await bare.frame();
process.send!('ready');

process.once('message', () => {
  void measure().then((rate) => process.send!(rate, () => process.disconnect()));
});

async function measure(): Promise<number> {
  const startedMs = performance.now();
  let frames = 0;
  while (performance.now() - startedMs < 1_000 * seconds) {
    await bare.frame();
    frames += rows;
  }
  return (1_000 * frames) / (performance.now() - startedMs);
}
