import { totalmem } from 'node:os';
import { UsageError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { frameMs, type Measured } from '../contract.js';
import type { DeviceWorker } from './device-worker.js';
import { stopAll } from './starting.js';

/** A division of the cores among workers. */
export interface Layout {
  readonly count: number;
  /** Threads of each worker. */
  readonly threads: number;
}

export interface LayoutOptions {
  readonly cores: number;
  readonly start: (layout: Layout) => Promise<DeviceWorker[]>;
  readonly log: Logger;
}

interface MeasuredLayout extends Measured {
  readonly workers: DeviceWorker[];
}

/** More workers must be at least this much faster, because each holds the whole model. */
const WORTHWHILE = 1.1;
/** A model that takes longer than this for a picture, in ms, keeps all cores busy by itself. */
const LARGE_MODEL_MS = 2_000;
/** The picture used to compare layouts. */
const USUAL_PICTURE = { steps: 2, guidance: 1 };
/** Share of the machine's memory for all workers together. */
const MEMORY_SHARE = 0.6;

/**
 * Starts the fastest layout: doubles the number of workers and halves their threads as long as that makes more pictures a
 * second. A layout that cannot be measured, because a worker of it ends, is no improvement; the first one is kept anyway.
 */
export async function startFastest(options: LayoutOptions): Promise<DeviceWorker[]> {
  const { cores, start } = options;
  const one = { count: 1, threads: cores };
  const first = await start(one);
  if (frameMs(first[0]!.model, USUAL_PICTURE) > LARGE_MODEL_MS) return first;
  let best = await measure(first, one, options);
  if (!best) return first;
  const most = Math.min(cores, Math.floor((MEMORY_SHARE * totalmem()) / best.residentBytes));
  for (let count = 2; count <= most; count *= 2) {
    const layout = { count, threads: Math.floor(cores / count) };
    const workers = await tryStart(layout, options);
    const next = await measure(workers, layout, options);
    const isBetter = next && next.framesPerSecond > WORTHWHILE * best.framesPerSecond;
    await stopAll(isBetter ? best.workers : workers, 0);
    if (!isBetter) break;
    best = next;
  }
  return best.workers;
}

/** Empty if the workers do not start, for example because memory is short. */
async function tryStart(layout: Layout, { start, log }: LayoutOptions): Promise<DeviceWorker[]> {
  try {
    return await start(layout);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.warn({ ...layout, reason: error.message }, 'layout not usable');
    return [];
  }
}

async function measure(
  workers: DeviceWorker[],
  layout: Layout,
  { log }: LayoutOptions,
): Promise<MeasuredLayout | undefined> {
  const answers = await Promise.all(workers.map((worker) => worker.measure()));
  const measured = answers.filter((one) => one !== undefined);
  if (measured.length < layout.count) return undefined;
  const framesPerSecond = measured.reduce((sum, one) => sum + one.framesPerSecond, 0);
  const residentBytes = Math.max(...measured.map((one) => one.residentBytes));
  log.debug({ ...layout, framesPerSecond, residentBytes }, 'layout measured');
  return { workers, framesPerSecond, residentBytes };
}
