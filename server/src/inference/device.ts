import { parentPort, workerData } from 'node:worker_threads';
import { ModelError } from '../pipeline/errors.js';
import { loadPipeline, type LcmPipeline } from '../pipeline/lcm-pipeline.js';
import type { FromDevice, WorkerOptions } from './messages.js';
import { RowLoop } from './row-loop.js';

/*
 * Entry of the device thread, the only thread that runs ONNX Runtime: its calls block the thread they are made from.
 */

const port = parentPort!;
const options = workerData as WorkerOptions;

function post(message: FromDevice): void {
  port.postMessage(message);
}

/** Allocates and compiles what the first frame would otherwise wait for. */
async function warmUp(pipeline: LcmPipeline): Promise<void> {
  const { width, height } = pipeline.info;
  const picture = new Uint8Array(width * height * 3).fill(128);
  await pipeline.img2img({ picture, prompt: '', steps: 1, strength: 1, guidance: 1, seed: 0 });
}

try {
  const pipeline = await loadPipeline(options.modelDir, { device: options.device as 'cpu', threads: options.threads });
  await warmUp(pipeline);
  post({ type: 'ready', model: pipeline.info });
  await new RowLoop({ pipeline, port, maxRows: options.maxRows }).run();
  await pipeline.dispose();
  port.close();
} catch (error) {
  if (!(error instanceof ModelError)) throw error;
  post({ type: 'unusable', message: error.message });
}
