import { vi } from 'vitest';
import { Batcher } from '../../server/src/turns/batcher.js';
import type { Canvas } from '../../server/src/canvas/canvas.js';
import { Engine } from '../../server/src/engine.js';
import { FrameError } from '../../server/src/errors.js';
import type { Connections } from '../../server/src/session/connections.js';
import { SessionRegistry } from '../../server/src/session/registry.js';
import type { Session } from '../../server/src/session/session.js';
import { createConnections } from './connect.js';
import { FakeClient } from './fake-client.js';
import { FakeDevice } from './fake-device.js';
import { canvasOptions, serverOptions, type SharedOptions } from './fakes.js';
import { MemoryPeer } from './memory-peer.js';

export type Happening =
  | 'frame'
  | 'same frame'
  | 'undo'
  | 'params'
  | 'ack'
  | 'finish'
  | 'compare'
  | 'preview'
  | 'bad picture'
  | 'death'
  | 'disconnect'
  | 'resume';

export interface Event {
  readonly is: Happening;
  readonly who: number;
  readonly afterMs: number;
}

const now = () => Date.now();

/** A server with everything but sockets and models, on vitest's fake timers: connections, sessions, batcher, engine. */
export class World {
  readonly clients: FakeClient[];
  readonly #batcher = new Batcher<Canvas>({ now });
  readonly #device = new FakeDevice();
  readonly #options: SharedOptions;
  readonly #connections: Connections;
  readonly #stopEngine: (graceMs: number) => Promise<void>;

  /** @param depth frames of one session that may run at once */
  constructor(sessions: number, depth: number) {
    const offer = (canvas: Canvas) => this.#batcher.offer(canvas);
    const canvas = canvasOptions(now, {
      maxFramesPerSecond: 50,
      depth: () => depth,
      isAhead: () => depth > 1,
      refineSteps: 8,
      offer,
    });
    const registry = new SessionRegistry<Session>({ resumeTtlMs: 1e6, maxParked: 8 });
    this.#options = serverOptions(canvas, { registry });
    this.#connections = createConnections(this.#options);
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor: this.#device, cost: () => 1 }).start();
    this.clients = Array.from({ length: sessions }, (_, who) => new FakeClient(who, () => this.#connect()));
  }

  async play({ is, who, afterMs }: Event): Promise<void> {
    await this.#pass(afterMs);
    const client = this.clients[who]!;
    switch (is) {
      case 'frame':
        client.sendFrame();
        break;
      case 'same frame':
        client.sendSameFrame();
        break;
      case 'undo':
        client.undo();
        break;
      case 'params':
        client.changeParams();
        break;
      case 'ack':
        client.acknowledge();
        break;
      case 'disconnect':
        client.disconnect();
        break;
      case 'resume':
        await client.resume();
        break;
      case 'finish':
        this.#device.finish(who);
        break;
      case 'compare':
        this.#device.compare(who);
        break;
      case 'preview':
        this.#device.preview(who);
        break;
      case 'bad picture':
        this.#device.fail(who, new FrameError('bad-image', 'not a picture'));
        break;
      case 'death':
        this.#die();
    }
    await this.#pass(0);
  }

  /** As the server does when its only worker dies; the next one is ready at once. */
  #die(): void {
    const error = new FrameError('worker-failed', 'gone', { retryable: true });
    this.#device.failAll(error);
    for (const { canvas } of this.#options.registry) canvas?.failWaiting(error);
  }

  /** Waits until everything under way has ended. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) {
      for (const client of this.clients) client.acknowledge();
      await this.#pass(1_000);
      for (let run = this.#device.runs.length; run > 0; run--) this.#device.finish(0);
      await this.#pass(0);
    }
  }

  async end(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await this.#pass(0);
    await this.#stopEngine(60_000);
    this.#options.registry.clear();
    // The cache of parked sessions looks at the clock once a millisecond.
    await this.#pass(1);
  }

  /** Resources that are still held after the end. */
  left() {
    return {
      sessions: this.#options.registry.size,
      connections: this.#connections.size,
      runs: this.#device.runs.length,
      turns: this.#batcher.size,
      waiting: this.#options.admission.waiting,
      timers: vi.getTimerCount(),
    };
  }

  #connect(): MemoryPeer {
    const peer = new MemoryPeer();
    this.#connections.connect(peer);
    return peer;
  }

  /** Moves the clock, and lets all promises that are then due settle. */
  async #pass(ms: number): Promise<void> {
    vi.advanceTimersByTime(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
