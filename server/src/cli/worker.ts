import { connectNats } from '../broker/nats.js';
import { LIMITS } from '../config/limits.js';
import { findModel } from '../config/models-folder.js';
import { whole, type Values } from '../config/option.js';
import { SERVE_OPTIONS } from '../config/serve-options.js';
import { LOG_LEVEL_OPTION, NATS_OPTIONS, OTEL_OPTION, WORKER_OPTIONS } from '../config/worker-options.js';
import { devicesOptions } from '../devices-options.js';
import { UsageError } from '../errors.js';
import { executorInfo } from '../executor-info.js';
import { ExecutorPool } from '../inference/host/pool.js';
import type { WorkObserver } from '../inference/sharing/shared-workers.js';
import { WorkerService } from '../inference/sharing/worker-service.js';
import { createLogger, type Logger } from '../logger.js';
import { startTracing } from '../tracing/start-tracing.js';
import { TracedExecutor } from '../tracing/traced-executor.js';
import { VERSION } from '../version.js';
import { openWorkerStatus } from '../worker-status.js';
import { defineCommand, type CommandContext } from './command.js';

const { internalPort, internalHost } = SERVE_OPTIONS;

const OPTIONS = {
  ...NATS_OPTIONS,
  ...WORKER_OPTIONS,
  internalPort: { ...internalPort, help: 'port for /metrics, /api/info, /healthz and /readyz; 0 for none' },
  internalHost,
  drainSeconds: whole({
    help: 'longest time for a clean stop, which finishes frames',
    min: 1,
    max: 3_600,
    default: 8,
  }),
  otel: OTEL_OPTION,
  logLevel: LOG_LEVEL_OPTION,
};

/** A grant and the frame that comes for it cross the broker, ms. */
const AHEAD_MS = 4;
/** Shares of the time for a stop: for the frames and workers, and until the process is ended, whatever still hangs. */
const STOP_SHARE = 0.7;
const LAST_RESORT = 0.9;

/** `underpaint worker`: lends the devices of this machine to servers elsewhere until a stop signal. */
export const worker = defineCommand({
  name: 'worker',
  about: 'Runs the model for servers elsewhere, through NATS.',
  options: OPTIONS,
  readsEnv: true,
  async run(values, { env, print, stopped, endWithin }) {
    if (values.nats === '') throw new UsageError('--nats is missing: give the address of a NATS server');
    if (values.workers === 0) throw new UsageError('--workers must be at least 1');
    const log = createLogger(values.logLevel);
    const model = findModel(values.model, env);
    const service = await Promise.race([start({ ...values, model }, env, log), stopped.then(() => undefined)]);
    if (!service) {
      // Loading a model cannot be interrupted.
      endWithin(0, 'stopped before it was ready');
      return 0;
    }
    print('underpaint worker is ready');
    await stopped;
    const { drainSeconds } = values;
    endWithin(1_000 * LAST_RESORT * drainSeconds, `something did not end within --drain-seconds ${drainSeconds}`);
    await service.stop(1_000 * STOP_SHARE * drainSeconds);
    return 0;
  },
});

/** A worker that lends its devices, and answers monitoring systems. */
interface Running {
  stop(deadlineMs: number): Promise<void>;
}

async function start(values: Values<typeof OPTIONS>, env: CommandContext['env'], log: Logger): Promise<Running> {
  const tracing = await startTracing({ otel: values.otel, env, service: 'underpaint-worker', log });
  let service: WorkerService | undefined;
  // First: monitoring systems see that it loads.
  const status = await openWorkerStatus(values, log, {
    info: () => ({ version: VERSION, ...(service && executorInfo(service.pool)) }),
    ready: () => service?.isReady ?? false,
    maxRows: () => service?.pool.ownRows ?? 0,
    gateways: () => service?.gateways ?? 0,
    drawing: () => service?.drawing ?? 0,
  });
  const { workerDeaths, observeCalls } = status.metrics;
  const observer: WorkObserver = {
    onDeath: () => workerDeaths.inc(),
    onCalls: observeCalls,
    around: (executor) => (tracing ? new TracedExecutor(executor, { tracing, log, now }) : executor),
  };
  const close = async () => void (await Promise.all([status.close(), tracing?.stop()]));
  try {
    const running = (service = await startService(values, log, observer));
    return { stop: (deadlineMs) => running.stop(deadlineMs).finally(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startService(
  values: Values<typeof OPTIONS>,
  log: Logger,
  observer: WorkObserver,
): Promise<WorkerService> {
  const broker = await connectNats({ url: values.nats, creds: values.natsCreds, name: 'worker', log });
  try {
    const pool = await ExecutorPool.start({ ...devicesOptions({ ...values, ...LIMITS }, log), aheadMs: AHEAD_MS });
    return new WorkerService({ broker, pool, log, observer });
  } catch (error) {
    await broker.close();
    throw error;
  }
}

function now(): number {
  return performance.now();
}
