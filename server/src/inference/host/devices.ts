import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { BEST_FIRST, parseDevice } from '../device-name.js';
import { ForkLink } from '../link/fork/fork-link.js';
import type { OpenLink } from '../link/link.js';
import type { WorkerOptions } from '../messages.js';
import { optimisedDirOf } from '../cache-folder.js';
import { Measurements } from '../measurements.js';
import { AdaptiveWorkers } from './adaptive-workers.js';
import { availableCores } from './cores.js';
import type { DeviceWorker, WorkerEvents } from './device-worker.js';
import { parseFakeDevice } from './fake/fake-cost.js';
import { FakeWorker } from './fake/fake-worker.js';
import { whyNoGraphics } from './graphics-hardware.js';
import type { Layout } from './layout.js';
import { allOrNone } from './starting.js';
import { WorkerExecutor } from './worker-executor.js';
import { FixedWorkers, type WorkerGroup } from './worker-group.js';
import type { WorkerBounds } from './worker-run.js';

export interface DevicesOptions {
  /** Its `device` may name several, separated by commas. */
  readonly worker: WorkerOptions;
  /** Workers of each device; `auto` lets their number follow the people, on devices that can be shared. */
  readonly workers: number | 'auto';
  readonly log: Logger;
  readonly bounds: WorkerBounds;
  readonly restartMs: { readonly first: number; readonly longest: number };
  /** Frames take so much longer to get here than those of this process, ms: rows are given away so much earlier. */
  readonly aheadMs?: number | undefined;
  /** How workers are started and reached; by default as child processes. */
  readonly openLink?: OpenLink;
}

interface Starting extends DevicesOptions {
  readonly events: WorkerEvents;
}

/**
 * Starts the workers of all devices and waits until their models are loaded.
 *
 * @throws UsageError when a device does not exist, or the model cannot be used on it
 */
export async function startDevices(options: DevicesOptions, events: WorkerEvents): Promise<WorkerGroup[]> {
  const devices = options.worker.device.split(',').map((device) => device.trim());
  for (const device of devices) if (device !== 'auto' && !parseFakeDevice(device)) parseDevice(device);
  const starting = { ...options, events };
  const started = devices.map((device) => (device === 'auto' ? startBest(starting) : startDevice(device, starting)));
  return allOrNone(started, (group) => group.stop(0));
}

/** The first device that starts. The log says which, and why the others did not. */
async function startBest(options: Starting): Promise<WorkerGroup> {
  const { log } = options;
  for (const device of BEST_FIRST) {
    const group = await tryDevice(device, options);
    if (typeof group !== 'string') {
      log.info({ device }, 'device chosen');
      return group;
    }
    log.info({ device, reason: group }, 'device not usable');
  }
  log.info({ device: 'cpu' }, 'device chosen');
  return startDevice('cpu', options);
}

/** @returns its workers, or the reason why it cannot be used */
async function tryDevice(device: string, options: Starting): Promise<WorkerGroup | string> {
  const reason = device === 'webgpu' ? whyNoGraphics(process.platform) : undefined;
  if (reason) return reason;
  try {
    return await startDevice(device, options);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

async function startDevice(device: string, options: Starting): Promise<WorkerGroup> {
  const { worker, workers, log, events, aheadMs } = options;
  const fake = parseFakeDevice(device);
  if (fake) return new FixedWorkers([new FakeWorker(fake, { ...worker, aheadMs }, events)]);
  const cores = device === 'cpu' ? availableCores() : 1;
  const start = (layout: Layout, signal?: AbortSignal) => startWorkers({ ...options, device, layout, signal });
  if (workers === 'auto' && worker.threads === 0 && cores > 1) {
    const measurementsOf = (key: string) => new Measurements(optimisedDirOf(worker.modelDir, process.env), key);
    const now = () => performance.now();
    return AdaptiveWorkers.start({ cores, start, measurementsOf, onChange: events.onCapacity, log, now });
  }
  const count = workers === 'auto' ? 1 : workers;
  return new FixedWorkers(await start({ count, threads: worker.threads || Math.ceil(cores / count) }));
}

interface StartingWorkers extends Starting {
  readonly device: string;
  readonly layout: Layout;
  readonly signal: AbortSignal | undefined;
}

function startWorkers({ device, layout, ...options }: StartingWorkers): Promise<DeviceWorker[]> {
  const { worker, openLink = () => new ForkLink(), ...rest } = options;
  const { count, threads } = layout;
  const start = () => WorkerExecutor.start({ ...rest, openLink, worker: { ...worker, device, threads } });
  return allOrNone(Array.from({ length: count }, start), (started) => started.stop(0));
}
