import { createGuard } from './guard.js';
import type { Logger } from './logger.js';
import { createWorkerMetrics, type WorkerGauges, type WorkerMetrics } from './metrics.js';
import { createFactsListener } from './transport/facts.js';
import { Listener } from './transport/listener.js';

/** Monitoring systems keep few connections. */
const MAX_CONNECTIONS = 32;

export interface WorkerStatus {
  readonly metrics: WorkerMetrics;
  close(): Promise<void>;
}

export interface WorkerFacts extends WorkerGauges {
  readonly info: () => object;
}

interface Address {
  readonly internalHost: string;
  /** 0 for nobody. */
  readonly internalPort: number;
}

/**
 * Answers monitoring systems about a worker.
 *
 * @throws UsageError if the address cannot be listened on
 */
export async function openWorkerStatus(address: Address, log: Logger, facts: WorkerFacts): Promise<WorkerStatus> {
  const metrics = createWorkerMetrics(facts);
  if (address.internalPort === 0) return { metrics, close: () => Promise.resolve() };
  const { registry, faults } = metrics;
  const { ready: isReady, info } = facts;
  const routes = { isReady, info, metrics: () => registry.metrics(), metricsType: registry.contentType };
  const listener = new Listener({
    host: address.internalHost,
    port: address.internalPort,
    portFlag: '--internal-port',
    tlsCert: '',
    tlsKey: '',
    maxConnections: MAX_CONNECTIONS,
    onRequest: createFactsListener(routes, createGuard({ log, faults })),
    onDropped: () => undefined,
    onError: (error) => log.error({ err: error }, 'connection'),
  });
  await listener.listen();
  return { metrics, close: () => listener.close(0) };
}
