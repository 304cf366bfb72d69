import { Graph } from '../../pipeline/ort.js';
import type { BareLoad, BareLoadJob } from './bare-load.js';

/* One process that creates graphs one after the other, and says how long it took and how much memory. */

const { graphs, ...options } = JSON.parse(process.argv[2]!) as BareLoadJob;
const startedMs = performance.now();
for (const graph of graphs) await Graph.open(graph, options);
const createMs = performance.now() - startedMs;
const load: BareLoad = { createMs, peakBytes: 1_024 * process.resourceUsage().maxRSS };
process.send!(load, () => process.disconnect());
