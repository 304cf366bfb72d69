import type { ExecutorPool } from './inference/host/pool.js';
import { VERSION } from './version.js';

/** The part of `GET /api/info` about the model and its workers. */
export function executorInfo({ model, workers }: Pick<ExecutorPool, 'model' | 'workers'>): object {
  const { id, name, width, height, device, dtype, pace } = model;
  return {
    name: 'underpaint',
    version: VERSION,
    model: { id, name, width, height },
    device,
    dtype,
    pace,
    workers: workers.map(({ pid, host, isReady, load }) => ({ pid, host, ready: isReady, load })),
  };
}
