import { optimisedDirOf } from '../../inference/cache-folder.js';
import { loadPipeline } from '../../pipeline/pipeline.js';
import { openGraph } from '../../pipeline/graphs/optimised-graph.js';
import type { Load, LoadJob } from './load-bench.js';

/* One process that loads a model, or creates its graphs one after the other, and says how long it took and how much memory. */

const { graphs, modelDir, dtype, way, ...device } = JSON.parse(process.argv[2]!) as LoadJob;
const kept = { ...device, optimisedDir: optimisedDirOf(modelDir, process.env) };
const startedMs = performance.now();
if (way === 'ours') await loadPipeline(modelDir, { ...kept, dtype });
else for (const graph of graphs) await openGraph(graph, way === 'kept' ? kept : { ...device, optimisation: way });
const loadMs = performance.now() - startedMs;
const load: Load = { loadMs, peakBytes: 1_024 * process.resourceUsage().maxRSS };
process.send!(load, () => process.disconnect());
