import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { BEST_FIRST, parseDevice } from '../device-name.js';
import { ForkLink } from '../link/fork/fork-link.js';
import type { OpenLink } from '../link/link.js';
import type { WorkerOptions } from '../messages.js';
import { availableCores } from './cores.js';
import type { DeviceWorker, WorkerEvents } from './device-worker.js';
import { parseFakeDevice } from './fake/fake-cost.js';
import { FakeWorker } from './fake/fake-worker.js';
import { whyNoGraphics } from './graphics-hardware.js';
import { startFastest, type Layout } from './layout.js';
import { allOrNone, stopAll } from './starting.js';
import { WorkerExecutor } from './worker-executor.js';
import type { WorkerBounds } from './worker-run.js';

export interface DevicesOptions {
  /** Its `device` may name several, separated by commas. */
  readonly worker: WorkerOptions;
  /** Workers of each device; 0 measures the best number, on devices that can be shared. */
  readonly workers: number;
  readonly log: Logger;
  readonly bounds: WorkerBounds;
  readonly restartMs: { readonly first: number; readonly longest: number };
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
export async function startDevices(options: DevicesOptions, events: WorkerEvents): Promise<DeviceWorker[]> {
  const devices = options.worker.device.split(',').map((device) => device.trim());
  for (const device of devices) if (device !== 'auto' && !parseFakeDevice(device)) parseDevice(device);
  const starting = { ...options, events };
  const started = devices.map((device) => (device === 'auto' ? startBest(starting) : startDevice(device, starting)));
  return (await allOrNone(started, (workers) => stopAll(workers, 0))).flat();
}

/** The first device that starts. The log says which, and why the others did not. */
async function startBest(options: Starting): Promise<DeviceWorker[]> {
  const { log } = options;
  for (const device of BEST_FIRST) {
    const workers = await tryDevice(device, options);
    if (typeof workers !== 'string') {
      log.info({ device }, 'device chosen');
      return workers;
    }
    log.info({ device, reason: workers }, 'device not usable');
  }
  log.info({ device: 'cpu' }, 'device chosen');
  return startDevice('cpu', options);
}

/** @returns its workers, or the reason why it cannot be used */
async function tryDevice(device: string, options: Starting): Promise<DeviceWorker[] | string> {
  const reason = device === 'webgpu' ? whyNoGraphics(process.platform) : undefined;
  if (reason) return reason;
  try {
    return await startDevice(device, options);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

async function startDevice(device: string, options: Starting): Promise<DeviceWorker[]> {
  const { worker, workers, log, events } = options;
  const fake = parseFakeDevice(device);
  if (fake) return [new FakeWorker(fake, worker, events)];
  const cores = device === 'cpu' ? availableCores() : 1;
  const start = (layout: Layout) => startWorkers(device, layout, options);
  if (workers === 0 && worker.threads === 0 && cores > 1) return startFastest({ cores, start, log });
  const count = workers || 1;
  return start({ count, threads: worker.threads || Math.ceil(cores / count) });
}

function startWorkers(device: string, { count, threads }: Layout, options: Starting): Promise<DeviceWorker[]> {
  const { worker, openLink = () => new ForkLink(), ...rest } = options;
  const start = () => WorkerExecutor.start({ ...rest, openLink, worker: { ...worker, device, threads } });
  return allOrNone(Array.from({ length: count }, start), (started) => started.stop(0));
}
