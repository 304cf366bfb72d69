import type { Logger } from '../../../logger.js';
import { requestMs, type RenderRequest, type ServedModel } from '../../contract.js';
import type { WorkerEvents } from '../device-worker.js';
import type { WorkerGroup } from '../worker-group.js';
import { DemandTeller, type Line } from './demand-teller.js';
import { RemoteWorker, type RemoteLink } from './remote-worker.js';
import { whyOtherModel } from './same-model.js';

/** A worker that announced itself. */
export interface FoundWorker {
  readonly id: string;
  readonly host: string;
  readonly open: () => RemoteLink;
}

/** Calls the listener with every announcement, again and again. The returned function ends that. */
export type FindWorkers = (onFound: (worker: FoundWorker) => void) => () => void;

export interface RemoteWorkersOptions {
  readonly find: FindWorkers;
  readonly hangMs: number;
  readonly log: Logger;
}

/** The workers that announce themselves, as they come and go. */
export class RemoteWorkers implements WorkerGroup {
  readonly #options: RemoteWorkersOptions;
  readonly #workers = new Map<string, RemoteWorker>();
  /** Workers with another model. */
  readonly #refused = new Set<string>();
  readonly #teller = new DemandTeller(() => this.workers);
  #events: WorkerEvents | undefined;
  #model: ServedModel | undefined;
  #onFirst: (() => void) | undefined;
  #stopFinding: () => void = () => undefined;
  #isStopped = false;

  constructor(options: RemoteWorkersOptions) {
    this.#options = options;
  }

  /**
   * Starts to take workers in.
   *
   * @param model that they must have; by default that of the first one, which is waited for
   * @returns the model
   */
  async start(events: WorkerEvents, model?: ServedModel): Promise<ServedModel> {
    this.#events = events;
    this.#model = model;
    const first = new Promise<void>((resolve) => (this.#onFirst = resolve));
    this.#stopFinding = this.#options.find((found) => this.#handleFound(found));
    if (!model) await first;
    return this.#model!;
  }

  get workers(): readonly RemoteWorker[] {
    return [...this.#workers].flatMap(([id, worker]) => (worker.isReady && !this.#refused.has(id) ? [worker] : []));
  }

  /** Tells the workers of this line from now on. */
  watch(line: Line): void {
    this.#teller.watch(line);
  }

  handleFrame(request: RenderRequest): void {
    if (!request.background) this.#teller.use(requestMs(this.#model!, request));
  }

  adapt(): void {}

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopFinding();
    this.#teller.stop();
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
  }

  #handleFound({ id, host, open }: FoundWorker): void {
    if (this.#workers.has(id) || this.#refused.has(id)) return;
    const worker: RemoteWorker = new RemoteWorker({
      link: open(),
      host,
      hangMs: this.#options.hangMs,
      onReady: () => this.#handleReady(id, worker),
      onCapacity: () => this.#events!.onCapacity(),
      onEnd: (how) => this.#handleEnd(id, host, how),
    });
    this.#workers.set(id, worker);
  }

  #handleReady(id: string, worker: RemoteWorker): void {
    const { log } = this.#options;
    const { host, model } = worker;
    const reason = this.#model && whyOtherModel(this.#model, model);
    if (reason !== undefined) {
      this.#refused.add(id);
      log.warn({ host, reason }, 'a worker is not used: it has another model');
      return void worker.stop();
    }
    this.#model ??= model;
    const { device, dtype, pace } = model;
    log.info({ host, device, dtype, rows: pace.maxRows }, 'a worker joined');
    this.#teller.tell();
    this.#onFirst?.();
  }

  #handleEnd(id: string, host: string, how: string): void {
    this.#workers.delete(id);
    if (this.#refused.has(id) || this.#isStopped) return;
    this.#options.log.warn({ host, how }, 'a worker left');
    this.#events!.onDeath();
  }
}
