import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { CLOSE, SUBPROTOCOL, type ImageReason, type Timing } from '@underpaint/shared';
import { WebSocketServer, type WebSocket } from 'ws';
import { AdaptiveSteps } from './adaptive-steps.js';
import { Admission } from './admission.js';
import { Batcher } from './batcher.js';
import { Canvas, type CanvasOptions } from './canvas.js';
import type { Config } from './config.js';
import { Connection } from './connection.js';
import { Engine } from './engine.js';
import { FrameError, UsageError } from './errors.js';
import { createRequestListener } from './http.js';
import { frameMs, type RenderRequest } from './inference/executor.js';
import { ExecutorPool } from './inference/executor-pool.js';
import type { Logger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import { FolderStore } from './rooms/folder-store.js';
import { MemoryStore } from './rooms/memory-store.js';
import type { RoomStore } from './rooms/room-store.js';
import { Rooms, type RoomKeys, type TooMany } from './rooms/rooms.js';
import { featuresOf, initialParams, rangesOf } from './served-params.js';
import { SessionRegistry } from './session-registry.js';
import { Session, type Wire } from './session.js';
import { VERSION } from './version.js';

const RECONNECT_AFTER_RESTART_MS = 1_000;
const MAX_FRAGMENTS = 64;
/** Sockets beyond the sessions and the line: those that say hello, and those that are told to come back later. */
const SPARE_SOCKETS = 64;
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
  readonly #http: HttpServer;
  readonly #sockets: WebSocketServer;
  readonly #connections = new Set<Connection>();
  readonly #batcher = new Batcher<Canvas>({ now });
  readonly #metrics: Metrics;
  readonly #registry: SessionRegistry<Session>;
  readonly #admission: Admission<Session>;
  readonly #adaptiveSteps: AdaptiveSteps;
  readonly #canvas: CanvasOptions;
  readonly #rooms: Rooms;
  readonly #executor: ExecutorPool;
  readonly #stopEngine: () => Promise<void>;
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
    this.#canvas = this.#canvasOptions();
    this.#rooms = this.#createRooms(store);
    const { observeCalls } = this.#metrics;
    executor.observe({ onDeath: () => this.#executorOnDeath(), onCalls: observeCalls });
    const cost = (request: RenderRequest) => this.#cost(request);
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor, cost }).start();
    const { registry } = this.#metrics;
    const listener = createRequestListener({
      basePath: config.basePath,
      frameAncestors: config.allowedOrigins,
      isReady: () => this.isReady,
      info: () => this.info(),
      createRoom: (request) => this.#createRoom(request),
      metrics: () => registry.metrics(),
      metricsType: registry.contentType,
    });
    this.#http = createHttpServer(config, listener);
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: config.maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    this.#http.on('upgrade', (request, socket, head) => this.#httpOnUpgrade(request, socket, head));
  }

  /**
   * Loads the model, then listens.
   *
   * @throws UsageError when the model or the folder of the rooms cannot be used, or the address cannot be listened on
   */
  static async start(config: Config, log: Logger): Promise<UnderpaintServer> {
    const { device, workers, threads, maxRows, maxFramePixels, hangMs, restartMs } = config;
    const { model: modelDir, vae: vaeDir, size, safetyChecker } = config;
    const store = openStore(config, log);
    const executor = await ExecutorPool.start({
      worker: { modelDir, vaeDir, size, safetyChecker, device, threads, maxRows, maxFramePixels },
      workers,
      log,
      hangMs,
      restartMs,
    });
    const server = new UnderpaintServer(config, log, { executor, store });
    try {
      await server.#listen();
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
    return (this.#http.address() as AddressInfo).port;
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

  /** Refuses newcomers, lets the frames in flight finish, says bye to everyone, and ends the worker. */
  async stop(): Promise<void> {
    this.#accepting = false;
    const { drainMs } = this.#config;
    await withDeadline(this.#stopEngine(), drainMs);
    for (const { session } of this.#connections) session.bye(CLOSE.restart, RECONNECT_AFTER_RESTART_MS);
    await this.#executor.stop(drainMs);
    this.#registry.clear();
    await this.#rooms.close();
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
    this.#log.info('stopped');
  }

  /** A room for a page of ours or of a friend; its keys, or the status that says why not. */
  #createRoom(request: IncomingMessage): RoomKeys | TooMany | 403 {
    return this.#isAllowedOrigin(request) ? this.#rooms.create(addressOf(request)) : 403;
  }

  #executorOnDeath(): void {
    this.#metrics.workerDeaths.inc();
    if (this.#executor.isReady) return;
    const error = new FrameError('worker-failed', 'the worker ended; send the frame again', { retryable: true });
    for (const { canvas } of this.#registry) canvas?.failWaiting(error);
  }

  #listen(): Promise<void> {
    const { host, port } = this.#config;
    return new Promise((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? 'something else listens there; choose another --port' : error.message;
        reject(new UsageError(`cannot listen on ${host}:${port}: ${why}`, { cause: error }));
      });
      this.#http.listen(port, host, resolve);
    });
  }

  #httpOnUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal) {
      socket.on('error', () => undefined);
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#connect(webSocket, addressOf(request));
    });
  }

  /** The status line that answers an upgrade which is not to be, if it is not. */
  #refusal(request: IncomingMessage): string | undefined {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== `${this.#config.basePath}ws`)
      return '404 Not Found';
    if (!this.#isAllowedOrigin(request)) return '403 Forbidden';
    const offered = request.headers['sec-websocket-protocol'];
    if (offered !== undefined && !offered.split(',').some((name) => name.trim() === SUBPROTOCOL))
      return '400 Bad Request';
    if (!this.#accepting || this.#connections.size >= this.#maxSockets) {
      return '503 Service Unavailable';
    }
    return undefined;
  }

  get #maxSockets(): number {
    return this.#config.maxSessions + this.#config.maxWaiting + SPARE_SOCKETS;
  }

  /** A browser names the page's origin; a page from elsewhere must not use a server that its user can reach. */
  #isAllowedOrigin({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    const { allowedOrigins } = this.#config;
    if (origin === undefined || allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  #connect(socket: WebSocket, address: string): void {
    const { helloTimeoutMs, heartbeatMs, maxBytesPerSecond, maxBufferedBytes } = this.#config;
    const connection = new Connection({
      socket,
      createSession: (wire) => this.#createSession(wire, address),
      metrics: this.#metrics,
      log: this.#log,
      now,
      onImage: (timing, reason) => this.#handleImage(timing, reason),
      helloTimeoutMs,
      heartbeatMs,
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
    return new Rooms({ canvas: this.#canvas, store, maxRooms, maxRoomsPerHour, maxDocBytes, now });
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

function createHttpServer({ tlsCert, tlsKey }: Config, listener: RequestListener): HttpServer {
  const timeouts = { headersTimeout: 10_000, requestTimeout: 15_000 };
  if (tlsCert === '') return createServer(timeouts, listener);
  try {
    return createTlsServer({ ...timeouts, cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }, listener);
  } catch (error) {
    throw new UsageError(`the certificate ${tlsCert} and its key cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function now(): number {
  return performance.now();
}

async function withDeadline(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
