import { DeviceFailure } from '../../pipeline/graphs/device-failure.js';
import { samplesOf, type Pipeline } from '../../pipeline/pipeline.js';
import { picturesOf } from '../../pipeline/graphs/codec.js';
import type { Sample } from '../../pipeline/sample.js';
import type { DevicePace } from '../contract.js';

/** Batch sizes to try. Providers that compile per shape are warmed up at these. */
const BATCHES = [1, 2, 4, 8, 16];
/** A larger batch must be cheaper per row by this factor, because every frame in it waits longer. */
const WORTHWHILE = 0.95;
/** Calls longer than this, in ms, are not made larger: frames could join too seldom. */
const LONGEST_CALL_MS = 250;
const REPEATS = 3;
const UNGUIDED = 1;
const GUIDED = 2;

/** What a warm-up needs of a pipeline. */
export type WarmedPipeline = Pick<Pipeline, 'info' | 'rowsPerFrame' | 'begin' | 'step' | 'vaeDecode' | 'judge'>;

/**
 * Runs the model once at every batch size that will be used, so that no frame waits for memory or compilation, and
 * measures the cost of a picture.
 *
 * @param maxRows most rows of one UNet call; 0 finds the number beyond which more rows do not pay
 * @throws DeviceFailure when there is too little memory for a single row
 * @throws ModelError when the model cannot even paint over plain grey
 */
export async function calibrate(pipeline: WarmedPipeline, maxRows: number): Promise<DevicePace> {
  const batches = maxRows > 0 ? [...BATCHES.filter((rows) => rows < maxRows), maxRows] : BATCHES;
  let best = { maxRows: 1, rowMs: Infinity, autoencoderMs: Infinity };
  for (const rows of batches) {
    const pace = await measureBatch(pipeline, { frames: rows, guidance: UNGUIDED });
    if (!pace) break;
    const isBetter = pace.rowMs + pace.autoencoderMs < WORTHWHILE * (best.rowMs + best.autoencoderMs);
    if (isBetter || rows === maxRows) best = pace;
    if (maxRows === 0 && (!isBetter || 2 * rows * pace.rowMs > LONGEST_CALL_MS)) break;
  }
  // A guided frame takes two rows, even if a call should have one.
  const isMore = pipeline.rowsPerFrame(GUIDED) > best.maxRows;
  if (isMore && compiles(pipeline)) await measureBatch(pipeline, { frames: 1, guidance: GUIDED });
  return best;
}

/** Whether the first call of a new shape takes longer. */
function compiles({ info }: WarmedPipeline): boolean {
  return info.device !== 'cpu';
}

interface Batch {
  readonly frames: number;
  readonly guidance: number;
}

/** The pace of a batch; undefined if memory is too small for it, though enough for less. */
async function measureBatch(pipeline: WarmedPipeline, batch: Batch): Promise<DevicePace | undefined> {
  try {
    return await runBatch(pipeline, batch);
  } catch (error) {
    const isMore = batch.frames > 1 || batch.guidance > UNGUIDED;
    if (error instanceof DeviceFailure && error.outOfMemory && isMore) return undefined;
    throw error;
  }
}

/** Takes the least of several times, as disturbances only make a measurement longer. */
async function runBatch(pipeline: WarmedPipeline, { frames, guidance }: Batch): Promise<DevicePace> {
  const { width, height } = pipeline.info;
  const pictures = Array.from({ length: frames }, () => new Uint8Array(width * height * 3).fill(128));
  let [stepMs, autoencoderMs] = [Infinity, Infinity];
  // The first call of a shape may include its compilation; it is not counted.
  for (let i = compiles(pipeline) ? -1 : 0; i < REPEATS; i++) {
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

const MEASURED_STEPS = 2;

/** Pictures of two steps a second, measured for `forMs`, long enough to include the load of other workers. */
export async function measureRate(pipeline: Pipeline, { maxRows }: DevicePace, forMs: number): Promise<number> {
  const { width, height } = pipeline.info;
  const pictures = Array.from({ length: maxRows }, () => new Uint8Array(width * height * 3).fill(128));
  const startedMs = performance.now();
  let frames = 0;
  do {
    const samples = await beginAll(pipeline, pictures, { guidance: UNGUIDED, steps: MEASURED_STEPS });
    for (let step = 0; step < MEASURED_STEPS; step++) await pipeline.step(samples);
    await pipeline.vaeDecode(samples.map(({ denoised }) => denoised));
    frames += samples.length;
  } while (performance.now() - startedMs < forMs);
  return (1_000 * frames) / (performance.now() - startedMs);
}
