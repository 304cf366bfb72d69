import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../errors.js';
import { DeviceFailure } from '../../pipeline/graphs/device-failure.js';
import { ModelError } from '../../pipeline/errors.js';
import type { Pipeline } from '../../pipeline/pipeline.js';
import { optimisedDirOf } from '../cache-folder.js';
import { calibrate, measureRate } from './calibrate.js';
import { loadFastest } from './load-fastest.js';
import { parseDevice } from '../device-name.js';
import type { FromDevice, ToDevice, WorkerOptions } from '../messages.js';
import { RowLoop } from './row-loop.js';

/*
 * Entry of the device thread, the only thread that runs ONNX Runtime, whose calls block it.
 */

/** Long enough that workers which measure together run at the same time. */
const MEASURE_MS = 700;

const port = parentPort!;
const options = workerData as WorkerOptions;

function post(message: FromDevice): void {
  port.postMessage(message);
}

/** In bytes, of the whole process. */
function peakBytes(): number {
  return 1_024 * process.resourceUsage().maxRSS;
}

async function runRows(pipeline: Pipeline, maxRows: number): Promise<void> {
  try {
    await new RowLoop({ pipeline, port, maxRows }).run();
  } catch (error) {
    if (!(error instanceof DeviceFailure)) throw error;
    const { message, outOfMemory } = error;
    post({ type: 'device-failed', message, outOfMemory, maxRows });
  }
}

try {
  const startedMs = performance.now();
  const { modelDir, vaeDir, size, safetyChecker, dtype, threads } = options;
  const pipeline = await loadFastest(modelDir, {
    ...parseDevice(options.device),
    vaeDir: vaeDir || undefined,
    size,
    safetyChecker,
    dtype,
    threads,
    optimisedDir: optimisedDirOf(modelDir, process.env),
  });
  const [loadedMs, loadPeakBytes] = [performance.now(), peakBytes()];
  const pace = await calibrate(pipeline, options.maxRows);
  const warmUpMs = performance.now() - loadedMs;
  const startup = { loadMs: loadedMs - startedMs, warmUpMs, loadPeakBytes, peakBytes: peakBytes() };
  post({ type: 'ready', model: { ...pipeline.info, pace }, startup });
  port.on('message', (message: ToDevice) => {
    if (message.type !== 'measure') return;
    void measureRate(pipeline, pace, MEASURE_MS).then((framesPerSecond) =>
      post({ type: 'measured', measured: { framesPerSecond, residentBytes: process.memoryUsage.rss() } }),
    );
  });
  await runRows(pipeline, pace.maxRows);
  await pipeline.dispose();
  port.close();
} catch (error) {
  if (!(error instanceof ModelError || error instanceof UsageError || error instanceof DeviceFailure)) throw error;
  post({ type: 'unusable', message: error.message });
}
