import { pino } from 'pino';
import { vi } from 'vitest';
import type { ExecutorPool } from '../../server/src/inference/host/pool.js';
import { RemoteWorkers, type FoundWorker } from '../../server/src/inference/host/remote/remote-workers.js';
import type { FromSharedWorker, ToSharedWorker } from '../../server/src/inference/messages.js';
import { SharedWorkers } from '../../server/src/inference/sharing/shared-workers.js';
import { MemoryLink } from './memory-link.js';
import { Simulation, startPool, type SimulationOptions } from './simulation.js';

/** Gateways and the workers that they share, on vitest's fake timers, with links in memory between them. */
export class ClusterSimulation {
  readonly gateways: Simulation[] = [];
  readonly #workers: { readonly pool: ExecutorPool; readonly shared: SharedWorkers }[] = [];
  readonly #listeners: ((found: FoundWorker) => void)[] = [];

  /** @param options of each worker */
  constructor(readonly options: SimulationOptions) {}

  /** Starts a worker, which all gateways find. */
  async addWorker(): Promise<void> {
    const pool = await startPool(this.options);
    this.#workers.push({ pool, shared: new SharedWorkers(pool, () => Date.now()) });
    for (const listener of this.#listeners) this.#announce(listener);
  }

  async addGateway(): Promise<Simulation> {
    const find = (listener: (found: FoundWorker) => void) => {
      this.#listeners.push(listener);
      this.#announce(listener);
      return () => undefined;
    };
    const remote = new RemoteWorkers({ find, hangMs: 1e9, log: pino({ level: 'silent' }) });
    const starting = startPool(this.options, { workers: 0, remote });
    await vi.advanceTimersByTimeAsync(10);
    const gateway = new Simulation(await starting, this.options.deep);
    this.gateways.push(gateway);
    return gateway;
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  async stop(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
    const stopped = Promise.all(this.#workers.map(({ pool }) => pool.stop(0)));
    await this.pass(1_000);
    await stopped;
  }

  #announce(listener: (found: FoundWorker) => void): void {
    for (const [i, { shared }] of this.#workers.entries()) {
      const open = () => {
        const [gateway, worker] = MemoryLink.pair<ToSharedWorker, FromSharedWorker>();
        shared.accept(worker);
        return gateway;
      };
      listener({ id: String(i), host: `host ${i}`, open });
    }
  }
}
