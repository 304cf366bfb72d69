import { totalmem } from 'node:os';
import { frameMs, type ServedModel, type Startup } from '../contract.js';

/** A division of the cores among workers. */
export interface Layout {
  readonly count: number;
  /** Threads of each worker. */
  readonly threads: number;
}

/** A layout, and its rate. */
export interface RatedLayout extends Layout {
  /** Pictures a second of all its workers together, or a number in proportion. */
  readonly rate: number;
}

/** A model that takes longer than this for a picture, in ms, keeps all cores busy by itself. */
const LARGE_MODEL_MS = 2_000;
/** The picture by which that is judged. */
const USUAL_PICTURE = { steps: 2, guidance: 1 };
/** Rate of two workers over that of one with twice the threads, on most processors. */
const USUAL_GAIN = 1.5;
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

/** The layouts to choose from before any was measured. */
export function usualLayouts(cores: number, { model, startup }: UsualWorker): RatedLayout[] {
  const one = { ...oneWorker(cores), rate: 1 };
  const isTwoBetter = !fillsCores(model) && mostWorkers(cores, startup.peakBytes) >= 2;
  return isTwoBetter ? [one, { ...shareOut(cores, 2), rate: USUAL_GAIN }] : [one];
}

interface UsualWorker {
  readonly model: ServedModel;
  readonly startup: Startup;
}

/**
 * The layout in which the pictures that people see are freshest.
 *
 * @param layouts in rising order of their workers
 */
export function layoutFor(people: number, layouts: readonly RatedLayout[]): Layout {
  const ages = layouts.map((layout) => pictureAge(people, layout));
  const { count, threads } = layouts[ages.indexOf(Math.min(...ages))]!;
  return { count, threads };
}

/**
 * How old a picture is when the next one replaces it, on average over that time: what it took to make, and half of the time
 * between two. Every worker makes one picture at a time, and more people than workers wait for each other.
 */
function pictureAge(people: number, { count, rate }: RatedLayout): number {
  return (Math.max(people, count) + people / 2) / rate;
}
