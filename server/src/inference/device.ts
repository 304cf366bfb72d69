import { parentPort, workerData } from 'node:worker_threads';
import { ModelError } from '../pipeline/errors.js';
import { loadPipeline } from '../pipeline/lcm-pipeline.js';
import { calibrate, measureRate } from './calibrate.js';
import type { Device } from '../pipeline/ort.js';
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

const DEVICES: readonly Device[] = ['cpu', 'cuda', 'tensorrt', 'webgpu'];

/** Reads `cuda:1`: a device and which of several. */
function parseDevice(text: string): { readonly device: Device; readonly deviceId: number } {
  const [, name, id = '0'] = /^([a-z]+)(?::(\d+))?$/.exec(text) ?? [];
  const device = DEVICES.find((one) => one === name);
  if (device) return { device, deviceId: Number(id) };
  throw new ModelError(`there is no device "${text}"; the devices are auto, ${DEVICES.join(', ')}, as in cuda:1`);
}

try {
  const { modelDir, vaeDir, safetyChecker, threads } = options;
  const settings = { ...parseDevice(options.device), vaeDir: vaeDir || undefined, safetyChecker, threads };
  const pipeline = await loadPipeline(modelDir, settings);
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
