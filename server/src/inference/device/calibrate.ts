import { DeviceFailure } from '../../pipeline/graphs/device-failure.js';
import type { LcmPipeline } from '../../pipeline/pipeline.js';
import { picturesOf } from '../../pipeline/graphs/vae-decoder.js';
import type { Pace } from '../contract.js';

/** Batch sizes that are tried, and those that a provider which compiles per shape is warmed up at. */
const BATCHES = [1, 2, 4, 8, 16];
/** A larger batch has to be cheaper per row by this factor: it makes everybody in it wait longer. */
const WORTHWHILE = 0.95;
/** A call that takes longer than this, in ms, is not made larger: frames could join too seldom. */
const LONGEST_CALL_MS = 250;
const REPEATS = 3;
const UNGUIDED = 1;
const GUIDED = 2;

/** What a warm-up needs of a pipeline. */
export type WarmedPipeline = Pick<
  LcmPipeline,
  'info' | 'rowsPerFrame' | 'encodePrompt' | 'vaeEncode' | 'begin' | 'step' | 'vaeDecode' | 'judge'
>;

/**
 * Runs the model once at every size that it will be used at, so that no frame waits for memory or compilation, and
 * measures what pictures cost.
 *
 * @param maxRows rows of one UNet call at the most; 0 finds the number beyond which more do not pay
 * @throws DeviceFailure when there is not even memory for one row
 * @throws ModelError when the model makes no picture even of plain grey
 */
export async function calibrate(pipeline: WarmedPipeline, maxRows: number): Promise<Pace> {
  const batches = maxRows > 0 ? [...BATCHES.filter((rows) => rows < maxRows), maxRows] : BATCHES;
  let best = { maxRows: 1, rowMs: Infinity, autoencoderMs: Infinity };
  for (const rows of batches) {
    const pace = await measureBatch(pipeline, { frames: rows, guidance: UNGUIDED });
    if (!pace) break;
    const isBetter = pace.rowMs + pace.autoencoderMs < WORTHWHILE * (best.rowMs + best.autoencoderMs);
    if (isBetter || rows === maxRows) best = pace;
    if (maxRows === 0 && (!isBetter || 2 * rows * pace.rowMs > LONGEST_CALL_MS)) break;
  }
  // A guided frame is two rows, also where a call should have one.
  const isMore = pipeline.rowsPerFrame(GUIDED) > best.maxRows;
  if (isMore && compiles(pipeline)) await measureBatch(pipeline, { frames: 1, guidance: GUIDED });
  return best;
}

/** Whether a call of a new shape takes long the first time. */
function compiles({ info }: WarmedPipeline): boolean {
  return info.device !== 'cpu';
}

interface Batch {
  readonly frames: number;
  readonly guidance: number;
}

/** Its pace; undefined where there is too little memory for it, but was enough for less. */
async function measureBatch(pipeline: WarmedPipeline, batch: Batch): Promise<Pace | undefined> {
  try {
    return await runBatch(pipeline, batch);
  } catch (error) {
    const isMore = batch.frames > 1 || batch.guidance > UNGUIDED;
    if (error instanceof DeviceFailure && error.outOfMemory && isMore) return undefined;
    throw error;
  }
}

/** The least of some times each: what disturbs a measurement only ever makes it longer. */
async function runBatch(pipeline: WarmedPipeline, { frames, guidance }: Batch): Promise<Pace> {
  const { width, height } = pipeline.info;
  const pictures = Array.from({ length: frames }, () => new Uint8Array(width * height * 3).fill(128));
  const prompt = await pipeline.encodePrompt('');
  let [stepMs, autoencoderMs] = [Infinity, Infinity];
  // What compiles for a shape does so in its first call, which says nothing about the next.
  for (let i = compiles(pipeline) ? -1 : 0; i < REPEATS; i++) {
    const startedMs = performance.now();
    const latents = await pipeline.vaeEncode(pictures);
    const encodedMs = performance.now();
    const request = { prompt, guidance, steps: 1, strength: 1 };
    const running = latents.map((one, seed) => pipeline.begin({ ...request, latents: one, seed }));
    const begunMs = performance.now();
    await pipeline.step(running);
    const steppedMs = performance.now();
    for (const { failure } of running) if (failure) throw failure;
    await pipeline.judge(picturesOf(await pipeline.vaeDecode(running.map(({ denoised }) => denoised))));
    if (i < 0) continue;
    stepMs = Math.min(stepMs, steppedMs - begunMs);
    autoencoderMs = Math.min(autoencoderMs, encodedMs - startedMs + performance.now() - steppedMs);
    // A slow device is measured by its first call: nobody wants to wait for three.
    if (stepMs > LONGEST_CALL_MS) break;
  }
  return { maxRows: frames, rowMs: stepMs / frames, autoencoderMs: autoencoderMs / frames };
}

const MEASURED_STEPS = 2;

/** Pictures of two steps a second, for as long as it takes to see the others on the machine too. */
export async function measureRate(pipeline: LcmPipeline, { maxRows }: Pace, forMs: number): Promise<number> {
  const { width, height } = pipeline.info;
  const pictures = Array.from({ length: maxRows }, () => new Uint8Array(width * height * 3).fill(128));
  const prompt = await pipeline.encodePrompt('');
  const startedMs = performance.now();
  let frames = 0;
  do {
    const latents = await pipeline.vaeEncode(pictures);
    const request = { prompt, guidance: UNGUIDED, steps: MEASURED_STEPS, strength: 1 };
    const rows = latents.map((one, seed) => pipeline.begin({ ...request, latents: one, seed }));
    for (let step = 0; step < MEASURED_STEPS; step++) await pipeline.step(rows);
    await pipeline.vaeDecode(rows.map(({ denoised }) => denoised));
    frames += rows.length;
  } while (performance.now() - startedMs < forMs);
  return (1_000 * frames) / (performance.now() - startedMs);
}
