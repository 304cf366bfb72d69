import { DEFAULTS } from '../config/config.js';
import { optimisedDirOf } from '../inference/cache-folder.js';
import { availableCores } from '../inference/host/cores.js';
import { parseDevice } from '../inference/device-name.js';
import { ExecutorPool } from '../inference/host/pool.js';
import type { Startup } from '../inference/contract.js';
import { createLogger } from '../logger.js';
import { findModel } from '../config/models-folder.js';
import { parseSize } from '../config/picture-size.js';
import { benchGatewayCommand } from './bench-gateway.js';
import { benchRoomsCommand } from './bench-rooms.js';
import { benchSessionsCommand } from './bench-sessions.js';
import { BareRuns } from './bench/bare-runs.js';
import { readExampleFrames } from './bench/example-frames.js';
import { benchFrames, benchPreviews } from './bench/frame-bench.js';
import { benchLoads } from './bench/load-bench.js';
import { round } from './bench/statistics.js';
import type { Command } from './command.js';
import { readCount, readFlags } from './flags.js';
import { showProgress } from './progress.js';

const HELP = `Usage: underpaint bench [sessions | gateway | rooms] [options]

  bench           what one frame costs (below)
  bench sessions  many sessions at once
  bench gateway   messages and sessions, without a model
  bench rooms     many who share one canvas

What it takes to be ready, against the bare calls that create the same graphs; then one sketch after the other through
the worker, JPEG in to JPEG out, in turn with the bare model calls of a frame; then what previews cost and bring.

  --model DIR     folder of the model, or OWNER/NAME (default: the embedded one)
  --device NAME   where it runs (default: cpu)
  --threads N     threads of one model call; 0 is one for each core
  --size PIXELS   of the pictures: one number, or WIDTHxHEIGHT (default: the model's own)
  --steps N       UNet calls of a picture (default: 2)
  --seconds N     how long (default: 20)
  --json          prints one JSON object and nothing else
  --help          this text`;

const OPTIONS = {
  model: { type: 'string', default: DEFAULTS.model },
  device: { type: 'string', default: DEFAULTS.device },
  threads: { type: 'string', default: '0' },
  size: { type: 'string' },
  steps: { type: 'string', default: '2' },
  seconds: { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The rest of the time is for previews. */
const FRAMES_SHARE = 0.75;

/** `underpaint bench`: what one frame costs here, and how much of that is not the model. */
export const bench: Command = async (argv, context) => {
  const [kind, ...rest] = argv;
  if (kind === 'sessions') return benchSessionsCommand(rest, context);
  if (kind === 'gateway') return benchGatewayCommand(rest, context);
  if (kind === 'rooms') return benchRoomsCommand(rest, context);
  return benchOneFrame(argv, context);
};

const benchOneFrame: Command = async (argv, { env, print }) => {
  const flags = readFlags('bench', argv, OPTIONS);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  const threads = readCount('--threads', flags.threads, 0) || availableCores();
  const [steps, seconds] = [readCount('--steps', flags.steps, 1), readCount('--seconds', flags.seconds, 1)];
  const size = flags.size === undefined ? undefined : parseSize(flags.size, '--size');
  const [modelDir, { device }] = [findModel(flags.model, env), flags];
  const { maxFramePixels, hangMs, silentMs, loadMs, restartMs } = DEFAULTS;
  const progress = showProgress('bench');
  const startedMs = performance.now();
  const executor = await ExecutorPool.start({
    worker: { modelDir, vaeDir: '', size, safetyChecker: false, device, threads, maxRows: 1, maxFramePixels },
    // One frame at a time is what one worker with all the cores does best.
    workers: 1,
    log: createLogger('warn'),
    bounds: { hangMs, silentMs, loadMs },
    restartMs,
  });
  try {
    const readyMs = performance.now() - startedMs;
    const { width, height, name, device: used } = executor.model;
    const graphs = { ...parseDevice(used), threads };
    const optimisedDir = optimisedDirOf(modelDir, env);
    const start = startFigures(readyMs, executor.workers[0]!.startup);
    const load = { ...start, ...(await benchLoads(modelDir, graphs)) };
    const bare = await BareRuns.open(modelDir, { ...graphs, optimisedDir, width, height, steps });
    const frames = await readExampleFrames();
    const onProgress = (share: number) => progress.update(FRAMES_SHARE * share);
    const single = await benchFrames({ executor, bare, frames, steps, seconds: FRAMES_SHARE * seconds, onProgress });
    const onMoreProgress = (share: number) => progress.update(FRAMES_SHARE + (1 - FRAMES_SHARE) * share);
    const previewed = { executor, frames, seconds: (1 - FRAMES_SHARE) * seconds, onProgress: onMoreProgress };
    // A slow model has no time for them.
    const hasTime = 4 * single.p50Ms < 1_000 * previewed.seconds;
    const previews = hasTime ? await benchPreviews(previewed) : undefined;
    const result = { ...single, ...previews };
    await bare.dispose();
    progress.stop();
    if (flags.json) print(JSON.stringify({ ...result, load }));
    else {
      print(`${name} ${width}x${height} on ${used}, ${steps} steps, one frame at a time:`);
      print(`  ${result.framesPerSecond} frames a second, ${result.p50Ms} ms (median), ${result.p95Ms} ms (95 %)`);
      print(`  ${result.overheadRatio} x the bare model calls`);
      if (previews) {
        print(`  previews of 4 steps after ${previews.previewRatio} x the time that the picture takes without them;`);
        print(`  the picture itself then after ${previews.previewedRatio} x`);
      }
      print(
        `  ready in ${load.readyMs} ms, of which the first load was ${load.loadMs} and the warm-up ${load.warmUpMs};`,
      );
      print(`  later loads take ${load.loads['ours']!.loadMs} ms, ${load.overBare} x the best bare create calls`);
      print(`  ${megabytes(load.peakBytes)} MB at the peak, for ${megabytes(load.weightsBytes)} MB of weights`);
    }
    return 0;
  } finally {
    progress.stop();
    await executor.stop(DEFAULTS.drainSeconds * 1_000);
  }
};

function startFigures(readyMs: number, { loadMs, warmUpMs, loadPeakBytes, peakBytes }: Startup) {
  return {
    /** From the command to the first frame's being taken: a process, then both of the next. */
    readyMs: round(readyMs),
    loadMs: round(loadMs),
    warmUpMs: round(warmUpMs),
    loadPeakBytes,
    peakBytes,
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
