import type { IncomingMessage } from 'node:http';
import { CLOSE, type ImageReason, type Timing } from '@underpaint/shared';
import { AdaptiveSteps } from './canvas/adaptive-steps.js';
import { Admission } from './session/admission.js';
import { Batcher } from './turns/batcher.js';
import { Canvas, type CanvasOptions } from './canvas/canvas.js';
import { reloadCertificate } from './transport/certificate.js';
import type { Config } from './config/config.js';
import { Connection } from './transport/connection.js';
import { Drain } from './drain.js';
import { Engine } from './engine.js';
import { FrameError } from './errors.js';
import { createGuard, type Guard } from './guard.js';
import { createRequestListener } from './transport/http.js';
import { frameMs, type RenderRequest } from './inference/contract.js';
import { ExecutorPool } from './inference/host/pool.js';
import type { Logger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import { warmUpDrawings } from './rooms/drawing/warm-up.js';
import { FolderStore } from './rooms/stores/folder-store.js';
import { MemoryStore } from './rooms/stores/memory-store.js';
import type { RoomStore } from './rooms/stores/room-store.js';
import { Rooms } from './rooms/rooms.js';
import { featuresOf, initialParams, rangesOf } from './session/served-params.js';
import { SessionRegistry } from './session/registry.js';
import { Session, type Wire } from './session/session.js';
import { TokenBucket } from './session/token-bucket.js';
import { Gate } from './transport/gate.js';
import { Listener } from './transport/listener.js';
import type { Socket } from './transport/peer.js';
import { acceptUpgrades } from './transport/upgrades.js';
import { VERSION } from './version.js';

/** Clients come back over so long a time after a stop, not all in one instant. */
const RECONNECT_AFTER_RESTART_MS = Object.freeze({ soonest: 1_000, latest: 4_000 });
/** Shares of the time for a stop by which its parts are over; the rest is for the end of the process. */
const DRAIN = Object.freeze({ rooms: 0.2, frames: 0.5, workers: 0.65, roomsAgain: 0.75, closing: 0.8, all: 0.85 });
/** Sockets beyond the sessions and the line: those that say hello, and those that are told to come back later. */
const SPARE_SOCKETS = 64;
/** Connections beyond the sockets: a browser loads a page over six. */
const PAGE_CONNECTIONS = 256;
const HOUR_MS = 3_600_000;

/** What a server is made of that takes its time, or may fail. */
interface Parts {
  readonly executor: ExecutorPool;
  readonly store: RoomStore;
}

/** The service: HTTP and WebSocket in front, sessions behind, workers that make the pictures. */
export class UnderpaintServer {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #gate: Gate;
  readonly #listener: Listener;
  /** A stranger must not fill the log. */
  readonly #dropLogs = new TokenBucket({ perSecond: 1 / 60, capacity: 1, now });
  readonly #connections = new Set<Connection>();
  readonly #batcher = new Batcher<Canvas>({ now });
  readonly #metrics: Metrics;
  readonly #guard: Guard;
  readonly #registry: SessionRegistry<Session>;
  readonly #admission: Admission<Session>;
  readonly #adaptiveSteps: AdaptiveSteps;
  readonly #canvas: CanvasOptions;
  readonly #rooms: Rooms;
  readonly #executor: ExecutorPool;
  readonly #stopEngine: (graceMs: number) => Promise<void>;
  #accepting = true;

  private constructor(config: Config, log: Logger, { executor, store }: Parts) {
    this.#config = config;
    this.#log = log;
    this.#executor = executor;
    const { maxSessions, maxWaiting, idleMs, resumeTtlMs, targetServerMs } = config;
    this.#registry = new SessionRegistry<Session>({ resumeTtlMs, maxParked: maxSessions });
    const devices = () => executor.workers.length;
    this.#admission = new Admission<Session>({ maxSessions, maxWaiting, idleMs, devices, now });
    this.#adaptiveSteps = new AdaptiveSteps({ targetMs: targetServerMs, now });
    this.#metrics = createMetrics({
      sessions: () => this.#registry.size,
      waiting: () => this.#admission.waiting,
      rooms: () => this.#rooms.size,
      unsafeRooms: () => this.#rooms.unsafe,
      stepLevel: () => this.#adaptiveSteps.level,
      ready: () => this.isReady,
    });
    this.#guard = createGuard({ log, faults: this.#metrics.faults });
    this.#canvas = this.#canvasOptions();
    this.#rooms = this.#createRooms(store);
    const { observeCalls } = this.#metrics;
    executor.observe({ onDeath: () => this.#executorOnDeath(), onCalls: observeCalls });
    const cost = (request: RenderRequest) => this.#cost(request);
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor, cost }).start();
    this.#gate = new Gate({ ...config, isTls: config.tlsCert !== '', log, now });
    this.#listener = this.#createListener();
    this.#acceptUpgrades();
  }

  /**
   * Loads the model, then listens.
   *
   * @throws UsageError when the model or the folder of the rooms cannot be used, or the address cannot be listened on
   */
  static async start(config: Config, log: Logger): Promise<UnderpaintServer> {
    const { device, workers, threads, maxRows, maxFramePixels, hangMs, silentMs, loadMs, restartMs } = config;
    const { model: modelDir, vae: vaeDir, size, safetyChecker } = config;
    const store = openStore(config, log);
    const starting = ExecutorPool.start({
      worker: { modelDir, vaeDir, size, safetyChecker, device, threads, maxRows, maxFramePixels },
      workers,
      log,
      bounds: { hangMs, silentMs, loadMs },
      restartMs,
    });
    // Meanwhile there is nothing else to do here.
    const [executor] = await Promise.all([starting, warmUpDrawings()]);
    const server = new UnderpaintServer(config, log, { executor, store });
    try {
      await server.#listener.listen();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get isReady(): boolean {
    return this.#accepting && this.#executor.isReady && this.#rooms.unsafe === 0;
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return this.#listener.port;
  }

  info(): object {
    const { model, workers } = this.#executor;
    const { id, name, width, height, device, pace } = model;
    return {
      name: 'underpaint',
      version: VERSION,
      model: { id, name, width, height },
      device,
      sessions: this.#registry.size,
      waiting: this.#admission.waiting,
      rooms: this.#rooms.size,
      capacity: this.#config.maxSessions,
      pace,
      workers: workers.map(({ pid, isReady, load }) => ({ pid, ready: isReady, load })),
    };
  }

  /**
   * Refuses newcomers, writes the rooms, gives every frame its end, says bye to everyone, ends the workers, and writes
   * what changed meanwhile. Whatever hangs is left behind, so that the whole takes less than `drainSeconds`.
   *
   * @returns whether everything ended, and every room is safe
   */
  async stop(): Promise<boolean> {
    this.#accepting = false;
    const drain = new Drain(1_000 * this.#config.drainSeconds, this.#log);
    const answered = this.#stopEngine(drain.leftMs(DRAIN.frames));
    await drain.until(DRAIN.rooms, this.#rooms.save());
    await answered;
    for (const { canvas } of this.#registry) canvas?.dropWaiting();
    for (const { session } of this.#connections) session.bye(CLOSE.restart, reconnectAfterMs());
    const ended = await drain.until(DRAIN.workers, this.#executor.stop(drain.leftMs(DRAIN.workers) / 2));
    this.#registry.clear();
    const saved = await drain.until(DRAIN.roomsAgain, this.#rooms.close());
    const closed = await drain.until(DRAIN.all, this.#listener.close(drain.leftMs(DRAIN.closing)));
    if (ended && saved && closed) this.#log.info('stopped');
    else this.#log.error({ workers: ended, rooms: saved, sockets: closed }, 'stopped, but not all ended in time');
    return ended && saved && closed;
  }

  /** Reads again what may change while the server runs: the certificate. */
  reload(): void {
    reloadCertificate(this.#listener.server, this.#config, this.#log);
  }

  #executorOnDeath(): void {
    this.#metrics.workerDeaths.inc();
    if (this.#executor.isReady) return;
    const error = new FrameError('worker-failed', 'the worker ended; send the frame again', { retryable: true });
    for (const { canvas } of this.#registry) canvas?.failWaiting(error);
  }

  #createListener(): Listener {
    const config = this.#config;
    return new Listener({
      ...config,
      maxConnections: config.maxConnections || this.#maxSockets + PAGE_CONNECTIONS,
      onRequest: createRequestListener({
        basePath: config.basePath,
        frameAncestors: config.allowedOrigins,
        gate: this.#gate,
        guard: this.#guard,
        isReady: () => this.isReady,
        info: () => this.info(),
        createRoom: (request) => this.#rooms.create(addressOf(request)),
        metrics: () => this.#metrics.registry.metrics(),
        metricsType: this.#metrics.registry.contentType,
      }),
      onDropped: () => this.#handleDropped(),
      onError: (error) => this.#log.error({ err: error }, 'connection'),
    });
  }

  #handleDropped(): void {
    this.#metrics.refusals.inc({ what: 'connection', reason: 'full' });
    if (this.#dropLogs.take(1)) this.#log.warn('refused a connection: there are as many as --max-connections allows');
  }

  #acceptUpgrades(): void {
    acceptUpgrades(this.#listener.server, {
      path: `${this.#config.basePath}ws`,
      maxMessageBytes: this.#config.maxMessageBytes,
      gate: this.#gate,
      guard: this.#guard,
      busy: () => this.#whyBusy(),
      onConnect: (socket, request) => this.#connect(socket, addressOf(request)),
      onRefused: (reason) => this.#metrics.refusals.inc({ what: 'upgrade', reason }),
    });
  }

  #whyBusy(): 'stopping' | 'full' | undefined {
    if (!this.#accepting) return 'stopping';
    return this.#connections.size >= this.#maxSockets ? 'full' : undefined;
  }

  get #maxSockets(): number {
    return this.#config.maxSessions + this.#config.maxWaiting + SPARE_SOCKETS;
  }

  #connect(socket: Socket, address: string): void {
    const { helloTimeoutMs, heartbeatMs, messageTimeoutMs, maxBytesPerSecond, maxBufferedBytes } = this.#config;
    const connection = new Connection({
      socket,
      createSession: (wire) => this.#createSession(wire, address),
      metrics: this.#metrics,
      log: this.#log,
      guard: this.#guard,
      now,
      onImage: (timing, reason) => this.#handleImage(timing, reason),
      helloTimeoutMs,
      heartbeatMs,
      messageTimeoutMs,
      maxBytesPerSecond,
      maxBufferedBytes,
    });
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }

  #handleImage(timing: Timing, reason: ImageReason): void {
    this.#metrics.observeImage(timing);
    // A refinement had all the time in the world, and an image sent again took none.
    if (reason !== 'refine' && timing.queueMs > 0) this.#adaptiveSteps.observe(timing.serverMs);
  }

  #cost(request: Pick<RenderRequest, 'steps' | 'guidance'>): number {
    return frameMs(this.#executor.model, request);
  }

  #canvasOptions(): CanvasOptions {
    const { maxFramesPerSecond, quietMs, refineSteps, previewAboveMs } = this.#config;
    const { model } = this.#executor;
    return {
      adaptiveSteps: this.#adaptiveSteps,
      metrics: this.#metrics,
      initialParams: initialParams(model, previewAboveMs),
      ranges: rangesOf(model),
      maxFramesPerSecond,
      quietMs,
      refineSteps: Math.min(refineSteps, model.refineSteps ?? refineSteps),
      now,
      offer: (canvas) => this.#batcher.offer(canvas),
    };
  }

  #createRooms(store: RoomStore): Rooms {
    const { maxRooms, maxRoomsPerHour, maxDocBytes } = this.#config;
    const { canvas, guard } = { canvas: this.#canvas, guard: this.#guard };
    return new Rooms({ canvas, guard, store, maxRooms, maxRoomsPerHour, maxDocBytes, now });
  }

  #createSession(wire: Wire, address: string): Session {
    const { maxFrameBytes, maxFramePixels, maxFramesPerSecond } = this.#config;
    const { id, name, width, height, prompts, palette } = this.#executor.model;
    return new Session({
      wire,
      address,
      registry: this.#registry,
      admission: this.#admission,
      rooms: this.#rooms,
      createCanvas: () => new Canvas(this.#canvas),
      cost: (params) => this.#cost(params),
      metrics: this.#metrics,
      guard: this.#guard,
      model: { id, name, width, height, prompts, palette },
      initialParams: this.#canvas.initialParams,
      features: featuresOf(this.#executor.model),
      ranges: this.#canvas.ranges,
      limits: { maxFrameBytes, maxFramePixels, maxFramesPerSecond },
      now,
    });
  }
}

function openStore({ roomsDir, roomTtlHours }: Config, log: Logger): RoomStore {
  const ttlMs = roomTtlHours * HOUR_MS;
  return roomsDir === '' ? new MemoryStore({ ttlMs, now }) : FolderStore.open({ dir: roomsDir, ttlMs, log });
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}

function now(): number {
  return performance.now();
}

function reconnectAfterMs(): number {
  const { soonest, latest } = RECONNECT_AFTER_RESTART_MS;
  return Math.round(soonest + Math.random() * (latest - soonest));
}
