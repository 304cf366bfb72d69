import { setImmediate } from 'node:timers/promises';
import { DeviceFailure } from '../../pipeline/graphs/device-failure.js';
import { samplesOf, type Pipeline } from '../../pipeline/pipeline.js';
import { picturesOf } from '../../pipeline/graphs/codec.js';
import type { Sample } from '../../pipeline/sample.js';
import { EASY, type DevicePace } from '../contract.js';

/** Batch sizes to try. Providers that compile per shape are warmed up at these. */
const BATCHES = [1, 2, 4, 8, 16];
/** A larger batch must be cheaper per row by this factor, because every frame in it waits longer. */
const WORTHWHILE = 0.95;
/** Calls longer than this, in ms, are not made larger: frames could join too seldom. */
const LONGEST_CALL_MS = 250;
const REPEATS = 3;
/** Of the frames by which that is judged. */
const USUAL_STEPS = 2;
/** A first run in less than this share of the known time shows that the known one was measured on a busy machine. */
const OUTDATED = 0.75;
const UNGUIDED = 1;
const GUIDED = 2;

/** What a warm-up needs of a pipeline. */
export type WarmedPipeline = Pick<Pipeline, 'info' | 'rowsPerFrame' | 'begin' | 'step' | 'vaeDecode' | 'judge'>;

/**
 * Runs the model once at every batch size that will be used, so that no frame waits for memory or compilation, and
 * measures the cost of a picture.
 *
 * @param maxRows most rows of one UNet call; 0 finds the number beyond which more rows do not pay
 * @param known the pace of one picture, if it has just been measured
 * @throws DeviceFailure when there is too little memory for a single row
 * @throws ModelError when the model cannot even paint over plain grey
 */
export async function calibrate(pipeline: WarmedPipeline, maxRows: number, known?: BatchPace): Promise<DevicePace> {
  const batches = maxRows > 0 ? [...BATCHES.filter((rows) => rows < maxRows), maxRows] : BATCHES;
  let best: BatchPace = { maxRows: 1, rowMs: Infinity, autoencoderMs: Infinity };
  let one: BatchPace | undefined;
  let easyRows = 1;
  for (const rows of batches) {
    const isKnown = rows === 1 && known;
    const pace = isKnown ? known : await measureBatch(pipeline, { frames: rows, guidance: UNGUIDED });
    if (!pace) break;
    one ??= pace;
    if (sharedMs(pace, one) <= EASY * sharedMs(one, one)) easyRows = rows;
    const isBetter = pace.rowMs + pace.autoencoderMs < WORTHWHILE * (best.rowMs + best.autoencoderMs);
    if (isBetter || rows === maxRows) best = pace;
    if (maxRows === 0 && (!isBetter || 2 * rows * pace.rowMs > LONGEST_CALL_MS)) break;
  }
  // A guided frame takes two rows, even if a call should have one.
  const isMore = pipeline.rowsPerFrame(GUIDED) > best.maxRows;
  if (isMore && compiles(pipeline)) await measureBatch(pipeline, { frames: 1, guidance: GUIDED });
  return { ...best, aloneMs: one ? aloneMs(one) : Infinity, easyRows: Math.min(easyRows, best.maxRows) };
}

/** Measures the cost of a picture alone. */
export function measureOne(pipeline: WarmedPipeline): Promise<BatchPace> {
  return runBatch(pipeline, { frames: 1, guidance: UNGUIDED });
}

/**
 * Runs the model once, so that the first frame need not read its weights.
 *
 * @param pace from an earlier start
 * @returns whether it still holds: a machine that was busy then may be faster now
 */
export async function warmUp(pipeline: WarmedPipeline, pace: DevicePace): Promise<boolean> {
  const now = aloneMs(await runBatch(pipeline, { frames: 1, guidance: UNGUIDED, repeats: 1 }));
  return now > OUTDATED * pace.aloneMs;
}

/** The pace of batches of one size. */
export type BatchPace = Pick<DevicePace, 'maxRows' | 'rowMs' | 'autoencoderMs'>;

function aloneMs({ rowMs, autoencoderMs }: BatchPace): number {
  return rowMs + autoencoderMs;
}

/** Time of a frame beside others, ms: its steps are in calls of all their rows, between which each is encoded and decoded alone. */
function sharedMs({ maxRows: rows, rowMs }: BatchPace, one: BatchPace): number {
  return rows * (USUAL_STEPS * rowMs + one.autoencoderMs);
}

/** Whether the first call of a new shape takes longer. */
function compiles({ info }: WarmedPipeline): boolean {
  return info.device !== 'cpu';
}

interface Batch {
  readonly frames: number;
  readonly guidance: number;
  readonly repeats?: number;
}

/** The pace of a batch; undefined if memory is too small for it, though enough for less. */
async function measureBatch(pipeline: WarmedPipeline, batch: Batch): Promise<BatchPace | undefined> {
  try {
    return await runBatch(pipeline, batch);
  } catch (error) {
    const isMore = batch.frames > 1 || batch.guidance > UNGUIDED;
    if (error instanceof DeviceFailure && error.outOfMemory && isMore) return undefined;
    throw error;
  }
}

/** Takes the least of several times, as disturbances only make a measurement longer. */
async function runBatch(pipeline: WarmedPipeline, batch: Batch): Promise<BatchPace> {
  const { frames, guidance, repeats = REPEATS } = batch;
  const { width, height } = pipeline.info;
  const pictures = Array.from({ length: frames }, () => new Uint8Array(width * height * 3).fill(128));
  let [stepMs, autoencoderMs] = [Infinity, Infinity];
  // The first call of a shape may include its compilation; it is not counted.
  for (let i = compiles(pipeline) ? -1 : 0; i < repeats; i++) {
    const startedMs = performance.now();
    const running = await beginAll(pipeline, pictures, { guidance, steps: 1 });
    const begunMs = performance.now();
    await pipeline.step(running);
    const steppedMs = performance.now();
    for (const { failure } of running) if (failure) throw failure;
    await pipeline.judge(picturesOf(await pipeline.vaeDecode(running.map(({ denoised }) => denoised))));
    if (i < 0) continue;
    stepMs = Math.min(stepMs, steppedMs - begunMs);
    autoencoderMs = Math.min(autoencoderMs, begunMs - startedMs + performance.now() - steppedMs);
    // One call is enough on a slow device: three would take too long.
    if (stepMs > LONGEST_CALL_MS) break;
  }
  return { maxRows: frames, rowMs: stepMs / frames, autoencoderMs: autoencoderMs / frames };
}

/** Samples of plain frames, encoded though they run at full strength, one for each of `pictures`. */
async function beginAll(
  pipeline: Pick<Pipeline, 'begin'>,
  pictures: readonly Uint8Array[],
  wanted: { readonly guidance: number; readonly steps: number },
): Promise<Sample[]> {
  const request = { prompt: '', strength: 1, ...wanted };
  return samplesOf(
    await pipeline.begin(pictures.map((picture, seed) => ({ ...request, picture, start: picture, seed }))),
  );
}

export interface RateOptions {
  readonly maxRows: number;
  /** Long enough to include the load of other workers, in ms. */
  readonly forMs: number;
  /** Whether the device is wanted for a frame, which must not wait. */
  readonly isWanted: () => boolean;
}

/** Pictures of two steps a second; undefined if a frame came meanwhile. */
export async function measureRate(pipeline: Pipeline, options: RateOptions): Promise<number | undefined> {
  const { maxRows, forMs, isWanted } = options;
  const { width, height } = pipeline.info;
  const pictures = Array.from({ length: maxRows }, () => new Uint8Array(width * height * 3).fill(128));
  const startedMs = performance.now();
  let frames = 0;
  do {
    const samples = await beginAll(pipeline, pictures, { guidance: UNGUIDED, steps: USUAL_STEPS });
    for (let step = 0; step < USUAL_STEPS; step++) await pipeline.step(samples);
    await pipeline.vaeDecode(samples.map(({ denoised }) => denoised));
    frames += samples.length;
    // Messages arrive only between calls.
    await setImmediate();
    if (isWanted()) return undefined;
  } while (performance.now() - startedMs < forMs);
  return (1_000 * frames) / (performance.now() - startedMs);
}
