import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../errors.js';
import { DeviceFailure } from '../../pipeline/graphs/device-failure.js';
import { RUNTIME_VERSION } from '../../pipeline/graphs/ort.js';
import { ModelError } from '../../pipeline/errors.js';
import type { Pipeline } from '../../pipeline/pipeline.js';
import { optimisedDirOf } from '../cache-folder.js';
import { loadFastest, type Loaded } from './load-fastest.js';
import type { DevicePace } from '../contract.js';
import { parseDevice } from '../device-name.js';
import { Measurements, speedKey } from '../measurements.js';
import { calibrate, measureRate, warmUp } from './calibrate.js';
import type { FromDevice, ToDevice, WorkerOptions } from '../messages.js';
import { RowLoop } from './row-loop.js';

/*
 * Entry of the device thread, the only thread that runs ONNX Runtime, whose calls block it.
 */

/** Long enough that workers which measure together run at the same time. */
const MEASURE_MS = 700;

const port = parentPort!;
const options = workerData as WorkerOptions;
/** Whether a frame came since the last measurement began. */
let isWanted = false;

function post(message: FromDevice): void {
  port.postMessage(message);
}

/** In bytes, of the whole process. */
function peakBytes(): number {
  return 1_024 * process.resourceUsage().maxRSS;
}

/** Measured once for a model on a machine. Other devices compile the graph for each batch size, so they run all of them. */
async function paceOf({ pipeline, pace: one }: Loaded, key: string): Promise<DevicePace> {
  const { modelDir, maxRows, threads } = options;
  if (pipeline.info.device !== 'cpu') return calibrate(pipeline, maxRows);
  const measurements = new Measurements(optimisedDirOf(modelDir, process.env), key);
  const what = ['pace', threads, maxRows];
  const known = await measurements.read(what, isPace);
  if (known && (await warmUp(pipeline, known))) return known;
  const pace = await calibrate(pipeline, maxRows, one);
  await measurements.keep(what, pace);
  return pace;
}

function isPace(value: unknown): value is DevicePace {
  const { maxRows, rowMs, autoencoderMs, aloneMs, easyRows } = value as Partial<Record<keyof DevicePace, unknown>>;
  return [maxRows, rowMs, autoencoderMs, aloneMs, easyRows].every((part) => typeof part === 'number' && part >= 0);
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

async function measure(pipeline: Pipeline, { maxRows }: DevicePace): Promise<void> {
  isWanted = false;
  const framesPerSecond = await measureRate(pipeline, { maxRows, forMs: MEASURE_MS, isWanted: () => isWanted });
  const residentBytes = process.memoryUsage.rss();
  post({ type: 'measured', measured: framesPerSecond === undefined ? undefined : { framesPerSecond, residentBytes } });
}

try {
  const startedMs = performance.now();
  const { modelDir, vaeDir, size, safetyChecker, dtype, threads } = options;
  const loaded = await loadFastest(modelDir, {
    ...parseDevice(options.device),
    vaeDir: vaeDir || undefined,
    size,
    safetyChecker,
    dtype,
    threads,
    optimisedDir: optimisedDirOf(modelDir, process.env),
  });
  const [loadedMs, loadPeakBytes] = [performance.now(), peakBytes()];
  const { pipeline } = loaded;
  const { info } = pipeline;
  const key = await speedKey({ runtime: RUNTIME_VERSION, folders: [modelDir, vaeDir], info });
  const pace = await paceOf(loaded, key);
  const warmUpMs = performance.now() - loadedMs;
  const startup = { loadMs: loadedMs - startedMs, warmUpMs, loadPeakBytes, peakBytes: peakBytes() };
  post({ type: 'ready', model: { ...info, pace }, startup, speedKey: key });
  port.on('message', (message: ToDevice) => {
    if (message.type === 'row') isWanted = true;
    if (message.type === 'measure') void measure(pipeline, pace);
  });
  await runRows(pipeline, pace.maxRows);
  await pipeline.dispose();
  port.close();
} catch (error) {
  if (!(error instanceof ModelError || error instanceof UsageError || error instanceof DeviceFailure)) throw error;
  post({ type: 'unusable', message: error.message });
}
