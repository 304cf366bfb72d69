import { DEFAULTS } from '../config/config.js';
import { MODEL_OPTIONS } from '../config/model-options.js';
import { findModel } from '../config/models-folder.js';
import { whole, type Values } from '../config/option.js';
import { optimisedDirOf } from '../inference/cache-folder.js';
import { parseDevice } from '../inference/device-name.js';
import { availableCores } from '../inference/host/cores.js';
import { ExecutorPool } from '../inference/host/pool.js';
import { createLogger } from '../logger.js';
import { BareRuns } from './bench/bare-runs.js';
import { readExampleFrames } from './bench/example-frames.js';
import { benchFrames, benchPreviews } from './bench/frame-bench.js';
import { describeFrame, startFigures } from './bench/frame-report.js';
import { benchLoads } from './bench/load-bench.js';
import { defineCommand, type CommandContext } from './command.js';
import { JSON_OPTION } from './common-options.js';
import { showProgress } from './progress.js';

const { model, device, dtype, threads, size } = MODEL_OPTIONS;

const OPTIONS = {
  model,
  device,
  dtype,
  threads,
  size,
  steps: whole({ help: 'UNet calls per picture', min: 1, max: 1_000, default: 2 }),
  seconds: whole({ help: 'length of the whole run', min: 1, max: 1_000, default: 20 }),
  ...JSON_OPTION,
};

/** `underpaint bench`: the cost of one frame here, and the part of it that is not the model. */
export const benchFrameCommand = defineCommand({
  name: 'bench',
  about: `Measures one frame: first the time to get ready, compared with the bare calls that create the same graphs; then
frames one at a time through a worker, JPEG in to JPEG out, in turn with the bare model calls of a frame; then the cost
and benefit of previews.

  underpaint bench sessions   many sessions at once
  underpaint bench gateway    messages and sessions, without a model
  underpaint bench rooms      many members on one canvas
  underpaint bench cluster    gateways and workers over NATS`,
  options: OPTIONS,
  async run(values, context) {
    const { json } = values;
    const report = await measure(values, context.env);
    const lines = json ? [JSON.stringify({ ...report.frame, load: report.load })] : describeFrame(report);
    for (const line of lines) context.print(line);
    return 0;
  },
});

/** The rest of the time is for previews. */
const FRAMES_SHARE = 0.75;

async function measure(values: Values<typeof OPTIONS>, env: CommandContext['env']) {
  const progress = showProgress('bench');
  const { steps, seconds } = values;
  const modelDir = findModel(values.model, env);
  const threads = values.threads || availableCores();
  const startedMs = performance.now();
  const executor = await start({ ...values, modelDir, threads });
  try {
    const start = startFigures(performance.now() - startedMs, executor.workers[0]!.startup);
    const { width, height, device: used, dtype } = executor.model;
    const graphs = { ...parseDevice(used), threads };
    const load = { ...start, ...(await benchLoads(modelDir, dtype, graphs)) };
    const optimisedDir = optimisedDirOf(modelDir, env);
    const bare = await BareRuns.open(modelDir, { ...graphs, dtype, optimisedDir, width, height, steps });
    const frames = await readExampleFrames();
    const onProgress = (share: number) => progress.update(FRAMES_SHARE * share);
    const single = await benchFrames({ executor, bare, frames, steps, seconds: FRAMES_SHARE * seconds, onProgress });
    const previewSeconds = (1 - FRAMES_SHARE) * seconds;
    const onPreviewProgress = (share: number) => progress.update(FRAMES_SHARE + (1 - FRAMES_SHARE) * share);
    // A slow model has no time for previews.
    const hasTime = 4 * single.p50Ms < 1_000 * previewSeconds;
    const previewed = { executor, frames, seconds: previewSeconds, onProgress: onPreviewProgress };
    const previews = hasTime ? await benchPreviews(previewed) : undefined;
    await bare.dispose();
    return { model: executor.model, steps, frame: { ...single, ...previews }, load };
  } finally {
    progress.stop();
    await executor.stop(DEFAULTS.drainSeconds * 1_000);
  }
}

/** One worker with all the cores, one row at a time: the fastest layout for one frame at a time. */
function start(values: Values<typeof OPTIONS> & { readonly modelDir: string }): Promise<ExecutorPool> {
  const { modelDir, size, device, dtype, threads } = values;
  const { maxFramePixels, hangMs, silentMs, loadMs, restartMs } = DEFAULTS;
  return ExecutorPool.start({
    worker: { modelDir, vaeDir: '', size, safetyChecker: false, device, dtype, threads, maxRows: 1, maxFramePixels },
    workers: 1,
    log: createLogger('warn'),
    bounds: { hangMs, silentMs, loadMs },
    restartMs,
  });
}
