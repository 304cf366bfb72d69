import type { InferenceExecutor, RenderRequest } from '../../inference/executor.js';
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

const WARM_UP_FRAMES = 5;
const REQUEST: Omit<RenderRequest, 'data' | 'steps'> = {
  prompt: 'a lake',
  negativePrompt: '',
  strength: 0.6,
  guidance: 4,
  seed: 1,
  quality: 85,
  preview: false,
  background: false,
  similarity: 1,
  shown: undefined,
};

/** One frame at a time through the worker, in turn with the bare model calls of one, so that both see the same machine. */
export async function benchFrames(options: FrameBenchOptions): Promise<FrameBenchResult> {
  const { executor, bare, frames, steps, seconds, onProgress } = options;
  const { signal } = new AbortController();
  const whole = { owner: {}, onPreview: () => undefined };
  const frameMs: number[] = [];
  const bareMs: number[] = [];
  const endMs = performance.now() + seconds * 1_000;
  for (let i = -WARM_UP_FRAMES; performance.now() < endMs; i++) {
    await executor.room(signal);
    const startedMs = performance.now();
    await executor.render({ ...REQUEST, steps, data: frames[Math.abs(i) % frames.length]! }, whole).outcome;
    const took = performance.now() - startedMs;
    const bareTook = await bare.frame();
    if (i < 0) continue;
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
