import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { CLOSE, DEFAULT_PARAMS, DEFAULT_RANGES, SUBPROTOCOL, applyParams, type Params } from '@underpaint/shared';
import { WebSocketServer, type WebSocket } from 'ws';
import { Batcher } from './batcher.js';
import type { Config } from './config.js';
import { Connection } from './connection.js';
import { Engine } from './engine.js';
import { FrameError, UsageError } from './errors.js';
import { createRequestListener } from './http.js';
import type { ServedModel } from './inference/executor.js';
import { WorkerExecutor } from './inference/worker-executor.js';
import type { Logger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import { SessionRegistry } from './session-registry.js';
import { Session, type Wire } from './session.js';
import { VERSION } from './version.js';

const RECONNECT_AFTER_FULL_MS = 5_000;
const RECONNECT_AFTER_RESTART_MS = 1_000;
const MAX_FRAGMENTS = 64;
/** Sockets beyond the sessions: those that say hello, and those that are told to come back later. */
const SPARE_SOCKETS = 64;

/** The service: HTTP and WebSocket in front, sessions behind, one worker that makes the pictures. */
export class UnderpaintServer {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #http: HttpServer;
  readonly #sockets: WebSocketServer;
  readonly #connections = new Set<Connection>();
  readonly #batcher = new Batcher<Session>({ now });
  readonly #metrics: Metrics;
  readonly #registry: SessionRegistry<Session>;
  readonly #executor: WorkerExecutor;
  readonly #stopEngine: () => Promise<void>;
  #accepting = true;

  private constructor(config: Config, log: Logger, executor: WorkerExecutor) {
    this.#config = config;
    this.#log = log;
    this.#executor = executor;
    executor.onDeath(() => this.#executorOnDeath());
    this.#registry = new SessionRegistry<Session>({
      params: initialParams(executor.model),
      resumeTtlMs: config.resumeTtlMs,
      maxParked: config.maxSessions,
    });
    this.#metrics = createMetrics({ sessions: () => this.#registry.size, ready: () => this.isReady });
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor }).start();
    const { registry } = this.#metrics;
    const listener = createRequestListener({
      isReady: () => this.isReady,
      info: () => this.info(),
      metrics: () => registry.metrics(),
      metricsType: registry.contentType,
    });
    this.#http = createServer({ headersTimeout: 10_000, requestTimeout: 15_000 }, listener);
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
   * @throws UsageError when the model cannot be used or the address cannot be listened on
   */
  static async start(config: Config, log: Logger): Promise<UnderpaintServer> {
    const executor = await WorkerExecutor.start({
      worker: {
        modelDir: config.model,
        device: config.device,
        threads: config.threads,
        maxRows: config.maxRows,
        maxFramePixels: config.maxFramePixels,
      },
      log,
      hangMs: config.hangMs,
      restartMs: config.restartMs,
    });
    const server = new UnderpaintServer(config, log, executor);
    try {
      await server.#listen();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get isReady(): boolean {
    return this.#accepting && this.#executor.isReady;
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  info(): object {
    const { id, name, width, height, device } = this.#executor.model;
    return {
      name: 'underpaint',
      version: VERSION,
      model: { id, name, width, height },
      device,
      sessions: this.#registry.size,
      capacity: this.#config.maxSessions,
      worker: { pid: this.#executor.pid, ready: this.#executor.isReady },
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
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
    this.#log.info('stopped');
  }

  #executorOnDeath(): void {
    this.#metrics.workerDeaths.inc();
    const error = new FrameError('worker-failed', 'the worker ended; send the frame again', { retryable: true });
    for (const session of this.#registry) session.failWaiting(error);
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
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#connect(webSocket));
  }

  /** The status line that answers an upgrade which is not to be, if it is not. */
  #refusal(request: IncomingMessage): string | undefined {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ws') return '404 Not Found';
    if (!this.#isAllowedOrigin(request)) return '403 Forbidden';
    const offered = request.headers['sec-websocket-protocol'];
    if (offered !== undefined && !offered.split(',').some((name) => name.trim() === SUBPROTOCOL))
      return '400 Bad Request';
    if (!this.#accepting || this.#connections.size >= this.#config.maxSessions + SPARE_SOCKETS) {
      return '503 Service Unavailable';
    }
    return undefined;
  }

  /** A browser names the page's origin; a page from elsewhere must not use a server that its user can reach. */
  #isAllowedOrigin({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    const { allowedOrigins } = this.#config;
    if (origin === undefined || allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  #connect(socket: WebSocket): void {
    const { config, metrics, log } = { config: this.#config, metrics: this.#metrics, log: this.#log };
    const isFull = this.#connections.size >= config.maxSessions;
    const connection = new Connection({
      socket,
      createSession: (wire) => this.#createSession(wire),
      metrics,
      log,
      now,
      helloTimeoutMs: config.helloTimeoutMs,
      heartbeatMs: config.heartbeatMs,
      maxBytesPerSecond: config.maxBytesPerSecond,
      maxBufferedBytes: config.maxBufferedBytes,
    });
    this.#connections.add(connection);
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.#batcher.remove(connection.session);
    });
    if (isFull) connection.session.bye(CLOSE.tryAgainLater, RECONNECT_AFTER_FULL_MS);
  }

  #createSession(wire: Wire): Session {
    const { maxFrameBytes, maxFramePixels, maxFramesPerSecond } = this.#config;
    const { id, name, width, height, prompts, palette } = this.#executor.model;
    return new Session({
      wire,
      registry: this.#registry,
      metrics: this.#metrics,
      model: { id, name, width, height, prompts, palette },
      ranges: DEFAULT_RANGES,
      limits: { maxFrameBytes, maxFramePixels, maxFramesPerSecond },
      now,
      offer: (session) => this.#batcher.offer(session),
    });
  }
}

function now(): number {
  return performance.now();
}

/** What a new session starts with: the model's own suggestions over the general ones. */
function initialParams({ defaults }: ServedModel): Params {
  return applyParams(DEFAULT_PARAMS, defaults);
}

async function withDeadline(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
