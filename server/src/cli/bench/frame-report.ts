import type { ServedModel, Startup } from '../../inference/contract.js';
import type { FrameBenchResult, PreviewBenchResult } from './frame-bench.js';
import type { LoadBenchResult } from './load-bench.js';
import { round } from './statistics.js';

export interface FrameReport {
  readonly model: ServedModel;
  readonly steps: number;
  readonly frame: FrameBenchResult & Partial<PreviewBenchResult>;
  readonly load: Startup & LoadBenchResult & { readonly readyMs: number };
}

/** @param readyMs from the command to a pool that takes frames: starting a process, loading and warming up */
export function startFigures(readyMs: number, { loadMs, warmUpMs, loadPeakBytes, peakBytes }: Startup) {
  return { readyMs: round(readyMs), loadMs: round(loadMs), warmUpMs: round(warmUpMs), loadPeakBytes, peakBytes };
}

/** The lines of `underpaint bench`. */
export function describeFrame({ model, steps, frame, load }: FrameReport): string[] {
  const { name, width, height, device } = model;
  return [
    `${name} ${width}x${height} on ${device}, ${steps} steps, one frame at a time:`,
    `  ${frame.framesPerSecond} frames a second, ${frame.p50Ms} ms (median), ${frame.p95Ms} ms (95 %)`,
    `  ${frame.overheadRatio} x the bare model calls`,
    ...(frame.previewRatio === undefined ? [] : describePreviews(frame)),
    `  ready in ${load.readyMs} ms: ${load.loadMs} ms for the first load, ${load.warmUpMs} ms for the warm-up;`,
    `  later loads take ${load.loads['ours']!.loadMs} ms, ${load.overBare} x the best bare create calls`,
    `  ${megabytes(load.peakBytes)} MB at the peak, for ${megabytes(load.weightsBytes)} MB of weights`,
  ];
}

function describePreviews({ previewRatio, previewedRatio }: Partial<PreviewBenchResult>): string[] {
  return [
    `  with 4 steps, the preview takes ${previewRatio} x the time of a picture without previews,`,
    `  the picture after a preview ${previewedRatio} x`,
  ];
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
