import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Measured } from '../contract.js';
import type { DeviceWorker } from './device-worker.js';
import { fillsCores, mostWorkers, oneWorker, shareOut, type Layout, type RatedLayout } from './layout.js';
import { stopAll } from './starting.js';

export type StartWorkers = (layout: Layout, signal?: AbortSignal) => Promise<DeviceWorker[]>;

export interface TrialOptions {
  readonly cores: number;
  readonly start: StartWorkers;
  readonly log: Logger;
  /** Gives the trial up: somebody wants the cores. */
  readonly signal: AbortSignal;
}

/** More workers must be at least this much faster, because each holds the whole model. */
const WORTHWHILE = 1.1;

/**
 * Measures the layouts worth having, in rising order of their workers: doubles the workers and halves their threads as long
 * as that makes more pictures a second. A layout that cannot be measured, because a worker of it ends, is no improvement.
 *
 * @param serving the one worker with all cores, which is idle
 * @returns undefined if a frame came meanwhile
 * @throws the reason of the signal
 */
export async function tryLayouts(serving: DeviceWorker, options: TrialOptions): Promise<RatedLayout[] | undefined> {
  const { cores, signal } = options;
  const one = oneWorker(cores);
  if (fillsCores(serving.model)) return [{ ...one, rate: 1 }];
  let best = await measure([serving], one, options);
  if (!best) return undefined;
  const layouts = [{ ...one, rate: best.framesPerSecond }];
  const most = mostWorkers(cores, best.residentBytes);
  for (let count = 2; count <= most; count *= 2) {
    const layout = shareOut(cores, count);
    const next = await tryOne(layout, options);
    signal.throwIfAborted();
    if (!next || next.framesPerSecond <= WORTHWHILE * best.framesPerSecond) break;
    layouts.push({ ...layout, rate: next.framesPerSecond });
    best = next;
  }
  return layouts;
}

async function tryOne(layout: Layout, options: TrialOptions): Promise<Measured | undefined> {
  const { start, log, signal } = options;
  let workers: DeviceWorker[];
  try {
    workers = await start(layout, signal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.warn({ ...layout, reason: error.message }, 'layout not usable');
    return undefined;
  }
  const onAbort = () => void stopAll(workers, 0);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await measure(workers, layout, options);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await stopAll(workers, 0);
  }
}

/** The rate of all workers together, and the memory of the largest; undefined if one of them could not be measured. */
async function measure(
  workers: readonly DeviceWorker[],
  layout: Layout,
  { log }: TrialOptions,
): Promise<Measured | undefined> {
  const answers = await Promise.all(workers.map((worker) => worker.measure()));
  const measured = answers.filter((one) => one !== undefined);
  if (measured.length < layout.count) return undefined;
  const framesPerSecond = measured.reduce((sum, one) => sum + one.framesPerSecond, 0);
  const residentBytes = Math.max(...measured.map((one) => one.residentBytes));
  log.debug({ ...layout, framesPerSecond, residentBytes }, 'layout measured');
  return { framesPerSecond, residentBytes };
}
