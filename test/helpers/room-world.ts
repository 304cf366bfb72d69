import { decodeServerMessage, encodeMessage, type ClientMessage, type ServerMessage } from '@underpaint/shared';
import { vi } from 'vitest';
import { NO_AUDIT } from '../../server/src/audit.js';
import { OPEN_GRANT } from '../../server/src/access/grant.js';
import { Batcher } from '../../server/src/turns/batcher.js';
import type { Canvas } from '../../server/src/canvas/canvas.js';
import { Engine } from '../../server/src/engine.js';
import { MemoryStore } from '../../server/src/rooms/stores/memory-store.js';
import { Rooms, type RoomKeys } from '../../server/src/rooms/rooms.js';
import { SessionRegistry } from '../../server/src/session/registry.js';
import type { Session } from '../../server/src/session/session.js';
import type { Peer, PeerListener } from '../../server/src/transport/peer.js';
import { createConnections } from './connect.js';
import { FakeDevice } from './fake-device.js';
import { FakePainter } from './fake-painter.js';
import { canvasOptions, serverOptions, unguarded } from './fakes.js';

const now = () => Date.now();
const IMAGE_MS = 80;

/** A peer over a network with a delay of its own each way, which keeps the order, and can be cut. */
export class Link implements Peer {
  readonly address = '';
  readonly receivedBytes = 0;
  readonly partialBytes = 0;
  readonly sentBytes = 0;
  readonly waitingBytes = 0;
  readonly #latencyMs: number;
  readonly #deliver: (message: ServerMessage) => void;
  readonly #onClose: (code: number) => void;
  #listener: PeerListener | undefined;
  #isCut = false;
  #isEnded = false;

  constructor(latencyMs: number, deliver: (message: ServerMessage) => void, onClose: (code: number) => void) {
    this.#latencyMs = latencyMs;
    this.#deliver = deliver;
    this.#onClose = onClose;
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
  }

  /** From the client. */
  receive(message: ClientMessage): void {
    const bytes = encodeMessage(message);
    this.#later(() => this.#listener!.handleMessage(bytes, true));
  }

  /** From the server. */
  send(bytes: Uint8Array, onSent: () => void = () => undefined): void {
    const message = decodeServerMessage(bytes)!;
    this.#later(() => this.#deliver(message));
    setTimeout(onSent, this.#latencyMs / 4);
  }

  close(code: number): void {
    this.#later(() => this.#onClose(code));
    setTimeout(() => this.#end(), 1);
  }

  terminate(): void {
    setTimeout(() => this.#end(), 0);
  }

  ping(): void {
    // Nothing here looks for signs of life.
  }

  /** Messages under way are lost; the server notices later. */
  cut(noticedAfterMs: number): void {
    this.#isCut = true;
    setTimeout(() => this.#end(), noticedAfterMs);
  }

  #end(): void {
    if (!this.#isEnded) this.#listener!.handleClose();
    this.#isEnded = true;
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
    maxDrawingBytes: 1e6,
    audit: NO_AUDIT,
    guard: unguarded,
    now,
  });
  readonly #usual = serverOptions(this.#canvas).served;
  readonly #options = serverOptions(this.#canvas, {
    served: { ...this.#usual, limits: { ...this.#usual.limits, maxFrameBytes: 1e5 } },
    admit: async (hello, { address }) =>
      (await this.#rooms.prepare(hello, { address, grant: OPEN_GRANT })) ?? OPEN_GRANT,
    rooms: this.#rooms,
    registry: new SessionRegistry<Session>({ resumeTtlMs: 1e6, maxParked: 99 }),
  });
  readonly #connections = createConnections(this.#options);
  readonly #stopEngine: (graceMs: number) => Promise<void>;
  readonly #deviceTimer: NodeJS.Timeout;

  /** @param latencies of each painter's network, ms; less than a second */
  constructor(latencies: readonly number[]) {
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor: this.#device, cost: () => 1 }).start();
    this.#deviceTimer = setInterval(() => this.#device.finish(0), IMAGE_MS);
    const { owner, edit } = this.#rooms.create({ address: '', grant: OPEN_GRANT }) as RoomKeys;
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
    this.#connections.connect(link);
    return link;
  }
}
