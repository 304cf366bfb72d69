import { totalmem } from 'node:os';
import { frameMs, type ServedModel, type Startup } from '../contract.js';

/** A division of the cores among workers. */
export interface Layout {
  readonly count: number;
  /** Threads of each worker. */
  readonly threads: number;
}

/** A model that takes longer than this for a picture, in ms, keeps all cores busy by itself. */
const LARGE_MODEL_MS = 2_000;
/** The picture by which that is judged. */
const USUAL_PICTURE = { steps: 2, guidance: 1 };
/** Share of the machine's memory for all workers together. */
const MEMORY_SHARE = 0.6;

/** The layout with the lowest latency: one picture has all cores. */
export function oneWorker(cores: number): Layout {
  return { count: 1, threads: cores };
}

export function shareOut(cores: number, count: number): Layout {
  return { count, threads: Math.max(1, Math.floor(cores / count)) };
}

/** Whether one worker keeps all cores busy, so that no other layout is worth trying. */
export function fillsCores(model: Pick<ServedModel, 'pace' | 'guidance'>): boolean {
  return frameMs(model, USUAL_PICTURE) > LARGE_MODEL_MS;
}

/** The most workers that the cores and the memory allow. */
export function mostWorkers(cores: number, bytesOfOne: number): number {
  return Math.min(cores, Math.floor((MEMORY_SHARE * totalmem()) / bytesOfOne));
}

/** The layouts to choose from before any was measured: two workers make more pictures than one on most processors. */
export function usualLayouts(cores: number, { model, startup }: UsualWorker): Layout[] {
  const isTwoBetter = !fillsCores(model) && mostWorkers(cores, startup.peakBytes) >= 2;
  return isTwoBetter ? [oneWorker(cores), shareOut(cores, 2)] : [oneWorker(cores)];
}

interface UsualWorker {
  readonly model: ServedModel;
  readonly startup: Startup;
}

/**
 * The layout for so many people: as many workers as make more pictures, but none without somebody to work for. One
 * person alone has the lowest latency.
 *
 * @param layouts in rising order of their workers, each with a higher rate than the one before
 */
export function layoutFor(people: number, layouts: readonly Layout[]): Layout {
  return layouts.findLast(({ count }) => count <= people) ?? layouts[0]!;
}
