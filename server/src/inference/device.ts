import { parentPort, workerData } from 'node:worker_threads';
import { ModelError } from '../pipeline/errors.js';
import { loadPipeline } from '../pipeline/lcm-pipeline.js';
import { calibrate, measureRate } from './calibrate.js';
import type { FromDevice, ToDevice, WorkerOptions } from './messages.js';
import { RowLoop } from './row-loop.js';

/*
 * Entry of the device thread, the only thread that runs ONNX Runtime: its calls block the thread they are made from.
 */

/** Long enough for workers that are asked together to work at the same time. */
const MEASURE_MS = 700;

const port = parentPort!;
const options = workerData as WorkerOptions;

function post(message: FromDevice): void {
  port.postMessage(message);
}

try {
  const pipeline = await loadPipeline(options.modelDir, { device: options.device as 'cpu', threads: options.threads });
  const pace = await calibrate(pipeline, options.maxRows);
  post({ type: 'ready', model: { ...pipeline.info, pace } });
  port.on('message', (message: ToDevice) => {
    if (message.type !== 'measure') return;
    void measureRate(pipeline, pace, MEASURE_MS).then((framesPerSecond) =>
      post({ type: 'measured', measured: { framesPerSecond, residentBytes: process.memoryUsage.rss() } }),
    );
  });
  await new RowLoop({ pipeline, port, maxRows: pace.maxRows }).run();
  await pipeline.dispose();
  port.close();
} catch (error) {
  if (!(error instanceof ModelError)) throw error;
  post({ type: 'unusable', message: error.message });
}
