import { EventEmitter } from 'node:events';
import { decodeServerMessage, encodeMessage, type ClientMessage, type ServerMessage } from '@underpaint/shared';
import { vi } from 'vitest';
import { Batcher } from '../../server/src/turns/batcher.js';
import type { Canvas } from '../../server/src/canvas/canvas.js';
import { Engine } from '../../server/src/engine.js';
import { MemoryStore } from '../../server/src/rooms/stores/memory-store.js';
import { Rooms, type RoomKeys } from '../../server/src/rooms/rooms.js';
import { SessionRegistry } from '../../server/src/session/registry.js';
import type { Session } from '../../server/src/session/session.js';
import { connect } from './connect.js';
import { FakeDevice } from './fake-device.js';
import { FakePainter } from './fake-painter.js';
import { canvasOptions, serverOptions, unguarded } from './fakes.js';

const now = () => Date.now();
const IMAGE_MS = 80;

/** A network of its own delay each way, which keeps the order, and can be cut. */
export class Link extends EventEmitter {
  readonly bufferedAmount = 0;
  readonly #latencyMs: number;
  readonly #deliver: (message: ServerMessage) => void;
  readonly #onClose: (code: number) => void;
  #isCut = false;

  constructor(latencyMs: number, deliver: (message: ServerMessage) => void, onClose: (code: number) => void) {
    super();
    this.#latencyMs = latencyMs;
    this.#deliver = deliver;
    this.#onClose = onClose;
  }

  /** From the client. */
  receive(message: ClientMessage): void {
    const bytes = encodeMessage(message);
    this.#later(() => this.emit('message', bytes, true));
  }

  /** From the server. */
  send(bytes: Uint8Array, onSent: () => void = () => undefined): void {
    const message = decodeServerMessage(bytes)!;
    this.#later(() => this.#deliver(message));
    setTimeout(onSent, this.#latencyMs / 4);
  }

  close(code: number): void {
    this.#later(() => this.#onClose(code));
    setTimeout(() => this.emit('close', code), 1);
  }

  terminate(): void {
    this.emit('close', 1006);
  }

  ping(): void {
    this.#later(() => this.emit('pong'));
  }

  /** What is under way is lost; the server hears of it later. */
  cut(noticedAfterMs: number): void {
    this.#isCut = true;
    setTimeout(() => this.emit('close', 1006), noticedAfterMs);
  }

  #later(then: () => void): void {
    setTimeout(() => {
      if (!this.#isCut) then();
    }, this.#latencyMs);
  }
}

/** A server with one room and everything but sockets and models, on vitest's fake timers. */
export class RoomWorld {
  readonly painters: readonly FakePainter[];
  readonly #device = new FakeDevice();
  readonly #batcher = new Batcher<Canvas>({ now });
  readonly #canvas = canvasOptions(now, { maxFramesPerSecond: 30, offer: (canvas) => this.#batcher.offer(canvas) });
  readonly #rooms = new Rooms({
    canvas: this.#canvas,
    store: new MemoryStore({ ttlMs: 1e6, now }),
    maxRooms: 9,
    maxRoomsPerHour: 9,
    maxDocBytes: 1e6,
    guard: unguarded,
    now,
  });
  readonly #options = serverOptions(this.#canvas, {
    rooms: this.#rooms,
    registry: new SessionRegistry<Session>({ resumeTtlMs: 1e6, maxParked: 99 }),
    limits: { maxFrameBytes: 1e5, maxFramePixels: 64, maxFramesPerSecond: 30 },
  });
  readonly #stopEngine: (graceMs: number) => Promise<void>;
  readonly #deviceTimer: NodeJS.Timeout;

  /** @param latencies of each painter's network, ms; less than a second */
  constructor(latencies: readonly number[]) {
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor: this.#device, cost: () => 1 }).start();
    this.#deviceTimer = setInterval(() => this.#device.finish(0), IMAGE_MS);
    const { owner, edit } = this.#rooms.create('') as RoomKeys;
    this.painters = latencies.map((latencyMs, who) => {
      const room = who === 0 ? owner : edit;
      const connect = (deliver: (message: ServerMessage) => void, onClose: (code: number) => void) =>
        this.#connect(new Link(latencyMs, deliver, onClose));
      return new FakePainter({ who, room, connect });
    });
  }

  async end(): Promise<void> {
    for (const painter of this.painters) painter.cut(0);
    await vi.advanceTimersByTimeAsync(5_000);
    await this.#stopEngine(60_000);
    clearInterval(this.#deviceTimer);
    await this.#rooms.close();
    this.#options.registry.clear();
    await vi.advanceTimersByTimeAsync(1);
  }

  #connect(link: Link): Link {
    connect(link, this.#options, now);
    return link;
  }
}
