import { FrameError } from '../../errors.js';
import { Crowd } from '../../turns/crowd.js';
import { requestMs, type InferenceExecutor, type RenderOutcome } from '../contract.js';
import type { WorkerEvents } from '../host/device-worker.js';
import type { ExecutorPool } from '../host/pool.js';
import type { ToSharedWorker } from '../messages.js';
import { combinedModel } from './combined-model.js';
import { Gateway, type SharedWorkerLink } from './gateway.js';
import { Grants } from './grants.js';

/** Hears of the work of the workers, and may watch each frame. */
export interface WorkObserver extends Pick<WorkerEvents, 'onDeath' | 'onCalls'> {
  /** An executor that does the same as this one. */
  readonly around?: (executor: InferenceExecutor) => InferenceExecutor;
}

type Render = Extract<ToSharedWorker, { readonly type: 'render' }>;

/** Time between two looks at whether everything has ended, ms. */
const LOOK_MS = 20;

/** The workers of this process, shared by gateways elsewhere. */
export class SharedWorkers {
  readonly #pool: ExecutorPool;
  readonly #executor: InferenceExecutor;
  readonly #grants = new Grants<Gateway>();
  readonly #gateways = new Set<Gateway>();
  /** Frames whose grant came from a worker that has died since. */
  #waiting: { readonly gateway: Gateway; readonly frame: Render }[] = [];
  readonly #crowd: Crowd<object>;
  #isStopping = false;

  /** @param now clock in ms */
  constructor(pool: ExecutorPool, now: () => number, observer?: WorkObserver) {
    this.#pool = pool;
    this.#executor = observer?.around?.(pool) ?? pool;
    this.#crowd = new Crowd(now);
    pool.observe({
      onCapacity: () => this.#handleCapacity(),
      onDeath: () => {
        observer?.onDeath();
        this.#handleDeath();
      },
      onCalls: (calls, rows) => observer?.onCalls(calls, rows),
    });
    pool.follow(this.#crowd);
  }

  /** Gateways that are connected. */
  get gateways(): number {
    return this.#gateways.size;
  }

  /** Canvases of all gateways that wait for an image. */
  get drawing(): number {
    return this.#grants.drawing;
  }

  /** Whether a gateway may be accepted: not while all workers are starting again, or stop. */
  get isReady(): boolean {
    return this.#pool.isReady && !this.#isStopping;
  }

  /** Serves a gateway until its link ends. */
  accept(link: SharedWorkerLink): void {
    const gateway = new Gateway(link);
    this.#gateways.add(gateway);
    this.#grants.add(gateway);
    link.onMessage((message) => this.#handleMessage(gateway, message));
    link.onEnd(() => this.#handleEnd(gateway));
    if (!this.isReady) return gateway.close();
    gateway.send({
      type: 'ready',
      model: combinedModel(this.#pool.workers),
      speedKey: this.#pool.workers[0]!.speedKey,
    });
    this.#distribute();
  }

  /** Grants nothing more, finishes the frames that were granted, and closes the links; after `deadlineMs` in any case. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    this.#grants.recallAll();
    const endMs = performance.now() + deadlineMs;
    while (this.#isBusy && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    for (const gateway of this.#gateways) gateway.close();
    while (this.#gateways.size > 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  get #isBusy(): boolean {
    return this.#grants.held > 0 || [...this.#gateways].some(({ frames }) => frames.size > 0);
  }

  // ── gateways ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #handleMessage(gateway: Gateway, message: ToSharedWorker): void {
    switch (message.type) {
      case 'demand':
        this.#grants.setDemand(gateway, message.demand);
        return this.#distribute();
      case 'render':
        return this.#handleFrame(gateway, message);
      case 'cancel':
        return gateway.frames.get(message.id)?.cancel();
      case 'returned':
        this.#grants.returned(gateway, message.count, message.recalled);
        return this.#distribute();
    }
  }

  #handleEnd(gateway: Gateway): void {
    gateway.cancelAll();
    this.#waiting = this.#waiting.filter((one) => one.gateway !== gateway);
    this.#gateways.delete(gateway);
    this.#grants.delete(gateway);
    this.#distribute();
  }

  // ── frames ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #handleFrame(gateway: Gateway, frame: Render): void {
    const { request } = frame;
    if (!request.background) this.#grants.use(gateway, requestMs(this.#pool.model, request));
    if (this.#pool.capacity > 0 || request.background) void this.#render(gateway, frame);
    else this.#waiting.push({ gateway, frame });
  }

  async #render(gateway: Gateway, { id, owner: number, request }: Render): Promise<void> {
    const owner = gateway.owner(number);
    this.#crowd.note(owner);
    const rendering = this.#executor.render(request, {
      owner,
      onPreview: (image) => gateway.send({ type: 'image', id, image, final: false }),
      onDecoded: (ms) => gateway.send({ type: 'decoded', id, ms }),
    });
    gateway.frames.set(id, rendering);
    try {
      this.#tellOutcome(gateway, id, await rendering.outcome);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      const { code, message, retryable } = error;
      gateway.send({ type: 'error', id, code, message, retryable });
    } finally {
      gateway.frames.delete(id);
    }
  }

  #tellOutcome(gateway: Gateway, id: number, outcome: RenderOutcome): void {
    if (typeof outcome === 'string') gateway.send({ type: 'no-image', id, why: outcome });
    else gateway.send({ type: 'image', id, image: outcome, final: true });
  }

  // ── workers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #handleCapacity(): void {
    while (this.#pool.capacity > 0 && this.#waiting.length > 0) {
      const { gateway, frame } = this.#waiting.shift()!;
      void this.#render(gateway, frame);
    }
    this.#distribute();
  }

  #distribute(): void {
    if (!this.#isStopping) this.#grants.distribute(this.#pool.capacity - this.#waiting.length);
  }

  /** Gateways look for other workers until these are announced again. */
  #handleDeath(): void {
    if (this.#pool.isReady) return;
    for (const gateway of this.#gateways) gateway.close();
  }
}
