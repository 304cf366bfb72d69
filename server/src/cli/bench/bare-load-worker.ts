import { optimisedDirOf } from '../../inference/cache-folder.js';
import { openGraph } from '../../pipeline/optimised-graph.js';
import type { BareLoad, BareLoadJob } from './bare-load.js';

/* One process that creates graphs one after the other, and says how long it took and how much memory. */

const { graphs, level, modelDir, ...options } = JSON.parse(process.argv[2]!) as BareLoadJob;
const how = level === 'kept' ? { optimisedDir: optimisedDirOf(modelDir, process.env) } : { optimisation: level };
const startedMs = performance.now();
for (const graph of graphs) await openGraph(graph, { ...options, ...how });
const createMs = performance.now() - startedMs;
const load: BareLoad = { createMs, peakBytes: 1_024 * process.resourceUsage().maxRSS };
process.send!(load, () => process.disconnect());
