import type { AdaptiveSteps } from './canvas/adaptive-steps.js';
import type { Canvas, CanvasOptions } from './canvas/canvas.js';
import type { Config } from './config/config.js';
import type { ExecutorPool } from './inference/host/pool.js';
import type { Metrics } from './metrics.js';
import { initialParams, rangesOf } from './session/served-params.js';
import type { Batcher } from './turns/batcher.js';
import type { Crowd } from './turns/crowd.js';

export interface CanvasParts {
  readonly executor: ExecutorPool;
  readonly adaptiveSteps: AdaptiveSteps;
  readonly metrics: Metrics;
  readonly crowd: Crowd<Canvas>;
  readonly batcher: Batcher<Canvas>;
  readonly now: () => number;
}

/** The options of every canvas of a server. */
export function canvasOptions(config: Config, parts: CanvasParts): CanvasOptions {
  const { maxFramesPerSecond, quietMs, refineSteps, previewAboveMs } = config;
  const { executor, adaptiveSteps, metrics, crowd, batcher, now } = parts;
  const { model } = executor;
  return {
    adaptiveSteps,
    metrics,
    initialParams: initialParams(model, previewAboveMs),
    ranges: rangesOf(model),
    maxFramesPerSecond,
    depth: (steps) => crowd.share(executor.easyFrames(steps)),
    isAhead: (steps) => crowd.now <= 1 && executor.idlesBetweenFrames(steps),
    ask: (canvas) => crowd.note(canvas),
    quietMs,
    refineSteps: Math.min(refineSteps, model.refineSteps ?? refineSteps),
    now,
    offer: (canvas) => batcher.offer(canvas),
  };
}
