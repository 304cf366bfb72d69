import type { DeviceWorker } from './device-worker.js';

/**
 * Chooses the worker of a frame. A session starts on the least busy worker and stays there, because that worker knows its
 * prompt and noise, until it has no capacity or is busier than another. Encoding a prompt again costs little compared with
 * an idle device: with three of four sessions on one of two workers, the other would idle for a third of the time.
 */
export class Placement {
  readonly #homes = new WeakMap<object, DeviceWorker>();
  /** Sessions placed on each worker so far. Among equally busy workers, the one with the fewest comes next. */
  readonly #placed = new Map<DeviceWorker, number>();

  /** @param owner of the frame */
  place(owner: object, workers: readonly DeviceWorker[]): DeviceWorker {
    const known = this.#homes.get(owner);
    // It may have been retired.
    const home = known && workers.includes(known) ? known : undefined;
    const best = this.#leastBusy(workers);
    if (home === best || (home && home.capacity > 0 && home.load <= best.load)) return home;
    this.#homes.set(owner, best);
    this.#placed.set(best, this.#placedOn(best) + 1);
    return best;
  }

  #leastBusy(workers: readonly DeviceWorker[]): DeviceWorker {
    const free = workers.filter(({ capacity }) => capacity > 0);
    const isBetter = (a: DeviceWorker, b: DeviceWorker) =>
      a.load < b.load || (a.load === b.load && this.#placedOn(a) < this.#placedOn(b));
    return (free.length > 0 ? free : workers).reduce((best, one) => (isBetter(one, best) ? one : best));
  }

  #placedOn(worker: DeviceWorker): number {
    return this.#placed.get(worker) ?? 0;
  }
}
