import { DEFAULT_PARAMS, type Params } from '@underpaint/shared';
import type { InferenceExecutor, RenderRequest } from '../../inference/contract.js';
import type { BareRuns } from './bare-runs.js';
import { median, quantile, round } from './statistics.js';

export interface FrameBenchOptions {
  readonly executor: InferenceExecutor;
  readonly bare: BareRuns;
  /** Sketches to render, in turn. */
  readonly frames: readonly Uint8Array[];
  readonly steps: number;
  readonly seconds: number;
  readonly onProgress: (share: number) => void;
}

export interface FrameBenchResult {
  /** Frames a second, one at a time, JPEG in to JPEG out. */
  readonly framesPerSecond: number;
  /** Median time of a frame over the median time of its bare model calls. */
  readonly overheadRatio: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface PreviewBenchResult {
  /** Median time to the preview of a four-step picture, over the time to a final one without previews. */
  readonly previewRatio: number;
  /** The same for the final picture after a preview. */
  readonly previewedRatio: number;
}

const WARM_UP_FRAMES = 5;
/** Share of the time; a slow model has no longer warm-up. */
const WARM_UP_SHARE = 0.2;
const PARAMS: Params = { ...DEFAULT_PARAMS, prompt: 'a lake', seed: 1 };

/** Runs one frame at a time through the worker, in turn with the bare calls of a frame, so that both meet the same load. */
export async function benchFrames(options: FrameBenchOptions): Promise<FrameBenchResult> {
  const { executor, bare, frames, steps, seconds, onProgress } = options;
  const { signal } = new AbortController();
  const whole = { owner: {}, onPreview: () => undefined };
  const frameMs: number[] = [];
  const bareMs: number[] = [];
  const begunMs = performance.now();
  const endMs = begunMs + seconds * 1_000;
  let isWarm = false;
  for (let i = 0; performance.now() < endMs || frameMs.length === 0; i++) {
    await executor.untilFree(signal);
    const startedMs = performance.now();
    await executor.render(requestOf(frames[i % frames.length]!, steps, PARAMS), whole).outcome;
    const took = performance.now() - startedMs;
    const bareTook = await bare.frame();
    const wasWarm = isWarm;
    isWarm ||= i + 1 >= WARM_UP_FRAMES || performance.now() - begunMs > WARM_UP_SHARE * 1_000 * seconds;
    if (!wasWarm) continue;
    frameMs.push(took);
    bareMs.push(bareTook);
    onProgress(1 - (endMs - performance.now()) / (seconds * 1_000));
  }
  return {
    framesPerSecond: round(1_000 / (frameMs.reduce((sum, ms) => sum + ms, 0) / frameMs.length)),
    overheadRatio: round(median(frameMs) / median(bareMs)),
    p50Ms: round(median(frameMs)),
    p95Ms: round(quantile(frameMs, 0.95)),
  };
}

const PREVIEWED_STEPS = 4;

/** Pictures of four steps, one at a time, with and without previews in turn. */
export async function benchPreviews(
  options: Pick<FrameBenchOptions, 'executor' | 'frames' | 'seconds' | 'onProgress'>,
): Promise<PreviewBenchResult> {
  const { executor, frames, seconds, onProgress } = options;
  const { signal } = new AbortController();
  const previewMs: number[] = [];
  const finalMs: Record<'plain' | 'previewed', number[]> = { plain: [], previewed: [] };
  const endMs = performance.now() + seconds * 1_000;
  for (let i = 0; performance.now() < endMs; i++) {
    const preview = i % 2 === 1;
    await executor.untilFree(signal);
    const startedMs = performance.now();
    const onPreview = () => void previewMs.push(performance.now() - startedMs);
    const request = requestOf(frames[i % frames.length]!, PREVIEWED_STEPS, { ...PARAMS, preview });
    await executor.render(request, { owner: finalMs, onPreview }).outcome;
    finalMs[preview ? 'previewed' : 'plain'].push(performance.now() - startedMs);
    onProgress(1 - (endMs - performance.now()) / (seconds * 1_000));
  }
  const plain = median(finalMs.plain);
  return { previewRatio: round(median(previewMs) / plain), previewedRatio: round(median(finalMs.previewed) / plain) };
}

function requestOf(data: Uint8Array, steps: number, params: Params): RenderRequest {
  return { data, params, steps, shown: undefined, background: false };
}
