import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Broker } from '../../broker/broker.js';
import type { Logger } from '../../logger.js';
import { announce, ANNOUNCE_EVERY_MS, LINK_VERSION, onAsked, onAskedToOpen } from '../announcement.js';
import type { ExecutorPool } from '../host/pool.js';
import { NatsLink } from '../link/nats/nats-link.js';
import type { FromSharedWorker, ToSharedWorker } from '../messages.js';
import { combinedModel } from './combined-model.js';
import { SharedWorkers, type WorkObserver } from './shared-workers.js';

export interface WorkerServiceOptions {
  readonly broker: Broker;
  readonly pool: ExecutorPool;
  readonly log: Logger;
  readonly observer?: WorkObserver;
}

/** Share of the time for a stop that frames have; the rest is for the workers. */
const FRAMES_SHARE = 0.7;

/** The workers of this process on a broker: announces them, and opens the links that gateways ask for. */
export class WorkerService {
  readonly #options: WorkerServiceOptions;
  readonly #id = randomUUID();
  readonly #shared: SharedWorkers;
  readonly #ends: readonly (() => void)[];
  readonly #timer: NodeJS.Timeout;

  constructor(options: WorkerServiceOptions) {
    const { broker, pool, log, observer } = options;
    this.#options = options;
    this.#shared = new SharedWorkers(pool, () => performance.now(), observer);
    this.#ends = [
      onAskedToOpen(broker, this.#id, (link) => {
        log.info({ link }, 'a gateway connected');
        this.#shared.accept(new NatsLink<FromSharedWorker, ToSharedWorker>({ broker, id: link, end: 'worker' }));
      }),
      onAsked(broker, () => this.#announce()),
    ];
    this.#timer = setInterval(() => this.#announce(), ANNOUNCE_EVERY_MS);
    this.#announce();
  }

  get isReady(): boolean {
    return this.#shared.isReady;
  }

  get pool(): ExecutorPool {
    return this.#options.pool;
  }

  /** Gateways that are connected. */
  get gateways(): number {
    return this.#shared.gateways;
  }

  /** Canvases of all gateways that wait for an image. */
  get drawing(): number {
    return this.#shared.drawing;
  }

  /** Grants nothing more, finishes the frames that it has, and ends the workers. */
  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#timer);
    for (const end of this.#ends) end();
    const endMs = performance.now() + deadlineMs;
    await this.#shared.stop(FRAMES_SHARE * deadlineMs);
    await this.#options.pool.stop(Math.max(0, endMs - performance.now()));
    await this.#options.broker.close();
  }

  #announce(): void {
    const { broker, pool } = this.#options;
    if (!this.#shared.isReady) return;
    const { id, width, height, device, dtype, pace } = combinedModel(pool.workers);
    const { maxRows: rows, rowMs } = pace;
    const model = { id, width, height };
    announce(broker, { version: LINK_VERSION, id: this.#id, host: hostname(), model, device, dtype, rows, rowMs });
  }
}
