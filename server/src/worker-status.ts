import { createWorkerMetrics, type WorkerGauges, type WorkerMetrics } from './metrics.js';
import { Listener } from './transport/listener.js';
import { createStatusListener } from './transport/status.js';

/** Monitoring systems keep few connections. */
const MAX_CONNECTIONS = 32;

export interface WorkerStatus {
  readonly metrics: WorkerMetrics;
  close(): Promise<void>;
}

/**
 * Answers monitoring systems about a worker.
 *
 * @param port 0 for nobody
 * @throws UsageError if the address cannot be listened on
 */
export async function openWorkerStatus(host: string, port: number, gauges: WorkerGauges): Promise<WorkerStatus> {
  const metrics = createWorkerMetrics(gauges);
  const { registry } = metrics;
  if (port === 0) return { metrics, close: () => Promise.resolve() };
  const listener = new Listener({
    host,
    port,
    tlsCert: '',
    tlsKey: '',
    maxConnections: MAX_CONNECTIONS,
    onRequest: createStatusListener({
      isReady: gauges.ready,
      metrics: () => registry.metrics(),
      metricsType: registry.contentType,
    }),
    onDropped: () => undefined,
    onError: () => undefined,
  });
  await listener.listen();
  return { metrics, close: () => listener.close(0) };
}
