import { availableParallelism } from 'node:os';
import * as v from 'valibot';
import { ModelError } from '../../pipeline/errors.js';
import { dtypesOf } from '../../pipeline/folder/variants.js';
import { RUNTIME_VERSION } from '../../pipeline/graphs/ort.js';
import { loadPipeline, type Pipeline, type PipelineOptions } from '../../pipeline/pipeline.js';
import type { WantedDtype } from '../dtype.js';
import { Measurements, speedKey } from '../measurements.js';
import { measureOne, type BatchPace } from './calibrate.js';

export interface LoadFastestOptions extends Omit<PipelineOptions, 'dtype'> {
  readonly dtype: WantedDtype;
}

export interface Loaded {
  readonly pipeline: Pipeline;
  /** The pace of one picture, if the types were compared at this load. */
  readonly pace?: BatchPace | undefined;
}

/** The steps of the picture that is compared. */
const STEPS = 2;
/** int8 must take at most this share of the time, because its pictures are a little less exact. */
const WORTHWHILE = 0.9;
/** The name of the measurement. */
const WHAT = ['dtype', availableParallelism()];

/**
 * Loads a model with graphs of the type that is asked for. For `auto` that is, on a GPU, fp16 if the folder has such
 * graphs; on a processor, int8 if the folder has such graphs and they were faster on this processor. That is measured at
 * the first load, with one picture each, and kept beside the optimised graphs.
 *
 * @throws ModelError when the folder has no graphs of this type, or cannot be served
 */
export async function loadFastest(modelDir: string, options: LoadFastestOptions): Promise<Loaded> {
  const { dtype, ...rest } = options;
  if (dtype !== 'auto') return { pipeline: await loadPipeline(modelDir, { ...rest, dtype }) };
  const there = await dtypesOf(modelDir, options.vaeDir);
  if ((options.device ?? 'cpu') !== 'cpu') {
    return { pipeline: await (there.has('fp16') ? loadHalf(modelDir, rest) : loadPipeline(modelDir, rest)) };
  }
  if (!there.has('int8')) return { pipeline: await loadPipeline(modelDir, rest) };
  const measurements = await measurementsOf(modelDir, rest);
  const kept = await measurements?.read(WHAT, isComparison);
  if (!kept) return compare(modelDir, rest, measurements);
  return { pipeline: await loadPipeline(modelDir, isFaster(kept) ? { ...rest, dtype: 'int8' } : rest) };
}

/** Not every GPU computes in half precision. */
async function loadHalf(modelDir: string, options: PipelineOptions): Promise<Pipeline> {
  try {
    return await loadPipeline(modelDir, { ...options, dtype: 'fp16' });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return loadPipeline(modelDir, options);
  }
}

const comparison = v.object({ plainMs: v.number(), int8Ms: v.number() });

/** ms of a picture. */
export type Comparison = v.InferOutput<typeof comparison>;

function isComparison(value: unknown): value is Comparison {
  return v.is(comparison, value);
}

/** Whether int8 is worth it. */
export function isFaster({ plainMs, int8Ms }: Comparison): boolean {
  return int8Ms < WORTHWHILE * plainMs;
}

/** The graphs are loaded one after the other: two models at once may be too large. */
async function compare(
  modelDir: string,
  options: PipelineOptions,
  measurements: Measurements | undefined,
): Promise<Loaded> {
  const plain = await loadPipeline(modelDir, options);
  const plainPace = await measureOne(plain);
  await plain.dispose();
  const int8 = await loadPipeline(modelDir, { ...options, dtype: 'int8' });
  const int8Pace = await measureOne(int8);
  const compared = { plainMs: pictureMs(plainPace), int8Ms: pictureMs(int8Pace) };
  await measurements?.keep(WHAT, compared);
  if (isFaster(compared)) return { pipeline: int8, pace: int8Pace };
  await int8.dispose();
  return { pipeline: await loadPipeline(modelDir, options), pace: plainPace };
}

function pictureMs({ rowMs, autoencoderMs }: BatchPace): number {
  return STEPS * rowMs + autoencoderMs;
}

/**
 * What an earlier load has measured on this processor.
 *
 * @returns undefined if the folder has no choice, or nothing was measured yet
 */
export async function measuredBefore(modelDir: string, options: PipelineOptions): Promise<Comparison | undefined> {
  if (!(await dtypesOf(modelDir, options.vaeDir)).has('int8')) return undefined;
  return (await measurementsOf(modelDir, options))?.read(WHAT, isComparison);
}

async function measurementsOf(
  modelDir: string,
  { vaeDir, size, optimisedDir }: PipelineOptions,
): Promise<Measurements | undefined> {
  if (!optimisedDir) return undefined;
  const folders = [modelDir, vaeDir ?? ''];
  return new Measurements(optimisedDir, await speedKey({ runtime: RUNTIME_VERSION, folders, info: { size } }));
}
