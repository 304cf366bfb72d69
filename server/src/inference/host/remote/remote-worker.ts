import {
  requestMs,
  type Measured,
  type Rendering,
  type RenderOptions,
  type RenderRequest,
  type ServedModel,
} from '../../contract.js';
import type { Link } from '../../link/link.js';
import type { Demand, FromSharedWorker, ToSharedWorker } from '../../messages.js';
import type { DeviceWorker } from '../device-worker.js';
import { FramesInFlight, workerDied } from '../frames-in-flight.js';

export type RemoteLink = Link<ToSharedWorker, FromSharedWorker>;

export interface RemoteWorkerOptions {
  readonly link: RemoteLink;
  /** Where it runs. */
  readonly host: string;
  /** A frame without an answer for this long, or twenty times its device time if that is longer, ends the link. */
  readonly hangMs: number;
  /** It has described its model. */
  readonly onReady: () => void;
  readonly onCapacity: () => void;
  /** It is gone, and its frames have failed. Called once. */
  readonly onEnd: (how: string) => void;
}

/** Its own process notices a hang after ten times the device time. */
const HANG_FRAMES = 20;

/** A worker elsewhere, which other gateways use too: it grants capacity, and may ask for it back. */
export class RemoteWorker implements DeviceWorker {
  readonly startup = { loadMs: 0, warmUpMs: 0, loadPeakBytes: 0, peakBytes: 0 };
  readonly pid = undefined;
  readonly #options: RemoteWorkerOptions;
  readonly #frames = new FramesInFlight();
  readonly #owners = new WeakMap<object, number>();
  #lastOwner = 0;
  #ready: Extract<FromSharedWorker, { readonly type: 'ready' }> | undefined;
  #capacity = 0;

  constructor(options: RemoteWorkerOptions) {
    const { link } = options;
    this.#options = options;
    link.onMessage((message) => this.#handleMessage(message));
    link.onEnd(({ how }) => this.#handleEnd(how));
  }

  get host(): string {
    return this.#options.host;
  }

  get model(): ServedModel {
    return this.#ready!.model;
  }

  get speedKey(): string {
    return this.#ready!.speedKey;
  }

  get isReady(): boolean {
    return this.#ready !== undefined;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get load(): number {
    return this.#frames.size;
  }

  /** Those who own it measure it. */
  measure(): Promise<Measured | undefined> {
    return Promise.resolve(undefined);
  }

  render(request: RenderRequest, options: RenderOptions): Rendering {
    if (!this.isReady) return { outcome: Promise.reject(workerDied()), cancel: () => undefined };
    const { link, hangMs } = this.#options;
    if (!request.background) this.#capacity -= 1;
    const ms = Math.max(hangMs, HANG_FRAMES * requestMs(this.model, request));
    const { id, outcome } = this.#frames.add(options, { ms, onHang: () => link.close() });
    link.send({ type: 'render', id, owner: this.#numberOf(options.owner), request });
    return { outcome, cancel: () => link.send({ type: 'cancel', id }) };
  }

  /** Says how many canvases wait here. */
  tellDemand(demand: Demand): void {
    this.#options.link.send({ type: 'demand', demand });
  }

  stop(): Promise<void> {
    this.#options.link.close();
    return Promise.resolve();
  }

  #numberOf(owner: object): number {
    const number = this.#owners.get(owner) ?? ++this.#lastOwner;
    this.#owners.set(owner, number);
    return number;
  }

  #handleMessage(message: FromSharedWorker): void {
    switch (message.type) {
      case 'ready':
        this.#ready = message;
        return this.#options.onReady();
      case 'capacity':
        this.#capacity += message.count;
        return this.#options.onCapacity();
      case 'recall':
        return this.#giveBack(message.count);
      case 'decoded':
        return this.#frames.decoded(message.id, message.ms);
      case 'image':
        if (message.final) return this.#frames.settle(message.id, message.image);
        return this.#frames.preview(message.id, message.image);
      case 'no-image':
        return this.#frames.settle(message.id, message.why);
      case 'error':
        return this.#frames.fail(message);
    }
  }

  #giveBack(recalled: number): void {
    const count = Math.min(recalled, Math.max(0, this.#capacity));
    this.#capacity -= count;
    this.#options.link.send({ type: 'returned', count, recalled });
  }

  #handleEnd(how: string): void {
    this.#ready = undefined;
    this.#capacity = 0;
    this.#frames.failAll();
    this.#options.onEnd(how);
  }
}
