import { createGuard } from './guard.js';
import type { Logger } from './logger.js';
import { createWorkerMetrics, type WorkerGauges, type WorkerMetrics } from './metrics.js';
import { createFactsPort, type FactsAddress } from './transport/facts.js';

/** Monitoring systems keep few connections. */
const MAX_CONNECTIONS = 32;

export interface WorkerStatus {
  readonly metrics: WorkerMetrics;
  close(): Promise<void>;
}

export interface WorkerFacts extends WorkerGauges {
  readonly info: () => object;
}

/**
 * Answers monitoring systems about a worker.
 *
 * @throws UsageError if the address cannot be listened on
 */
export async function openWorkerStatus(address: FactsAddress, log: Logger, facts: WorkerFacts): Promise<WorkerStatus> {
  const metrics = createWorkerMetrics(facts);
  if (address.internalPort === 0) return { metrics, close: () => Promise.resolve() };
  const { registry, faults } = metrics;
  const { ready: isReady, info } = facts;
  const listener = createFactsPort(address, {
    routes: { isReady, info, metrics: () => registry.metrics(), metricsType: registry.contentType },
    maxConnections: MAX_CONNECTIONS,
    guard: createGuard({ log, faults }),
    log,
    onDropped: () => undefined,
  });
  await listener.listen();
  return { metrics, close: () => listener.close(0) };
}
