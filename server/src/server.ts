import { join } from 'node:path';
import { framesInFlight, type ImageReason, type Params, type Timing } from '@underpaint/shared';
import type { Broker } from './broker/broker.js';
import { AdaptiveSteps } from './canvas/adaptive-steps.js';
import type { Canvas, CanvasOptions } from './canvas/canvas.js';
import type { Config } from './config/config.js';
import { Engine } from './engine.js';
import { FrameError } from './errors.js';
import { executorInfo } from './executor-info.js';
import { createGuard, type Guard } from './guard.js';
import { frameMs, requestMs, type RenderRequest } from './inference/contract.js';
import type { ExecutorPool } from './inference/host/pool.js';
import type { Logger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { Parts } from './parts.js';
import { Rooms } from './rooms/rooms.js';
import { Admission } from './session/admission.js';
import { Connections } from './session/connections.js';
import { SessionRegistry } from './session/registry.js';
import { restoredCanvas } from './session/restored-canvas.js';
import { initialParams, rangesOf, servedOf } from './session/served-params.js';
import type { Session } from './session/session.js';
import { stopInOrder } from './stop-order.js';
import { TokenBucket } from './token-bucket.js';
import { reloadCertificate } from './transport/certificate.js';
import { FramePasses, frameSecretFile, loadFrameSecret } from './transport/frame-passes.js';
import { Gate } from './transport/gate.js';
import { createRequestListener } from './transport/http.js';
import { Listener } from './transport/listener.js';
import { Relays } from './transport/relay/relays.js';
import { acceptUpgrades } from './transport/ws/upgrades.js';
import { Batcher } from './turns/batcher.js';
import { Crowd } from './turns/crowd.js';

/** Peers beyond the sessions and the line: those that say hello, and those that are told to come back later. */
const SPARE_PEERS = 64;
/** TCP connections beyond the peers: a browser loads a page over six. */
const PAGE_CONNECTIONS = 256;

/** The service: HTTP and WebSocket in front, sessions behind, workers that make the pictures. */
export class UnderpaintServer {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #executor: ExecutorPool;
  readonly #broker: Broker | undefined;
  readonly #registry: SessionRegistry<Session>;
  readonly #admission: Admission<Session>;
  readonly #adaptiveSteps: AdaptiveSteps;
  readonly #metrics: Metrics;
  readonly #guard: Guard;
  readonly #batcher = new Batcher<Canvas>({ now });
  readonly #crowd = new Crowd<Canvas>(now);
  readonly #canvas: CanvasOptions;
  readonly #rooms: Rooms;
  readonly #connections: Connections;
  readonly #relays: Relays | undefined;
  readonly #stopEngine: (graceMs: number) => Promise<void>;
  readonly #framePasses = new FramePasses(loadFrameSecret(frameSecretFile(process.env)), Date.now);
  readonly #gate: Gate;
  readonly #listener: Listener;
  /** A stranger must not fill the log. */
  readonly #dropLogs = new TokenBucket({ perSecond: 1 / 60, capacity: 1, now });
  #accepting = true;

  private constructor(config: Config, log: Logger, parts: Parts) {
    const { executor, leases, broker, sessions: shared } = parts;
    const { maxSessions, maxWaiting, idleMs, resumeTtlMs, targetServerMs } = config;
    const devices = () => executor.workers.length;
    this.#config = config;
    this.#log = log;
    this.#executor = executor;
    this.#broker = broker;
    this.#registry = new SessionRegistry<Session>({ resumeTtlMs, maxParked: maxSessions, shared });
    this.#adaptiveSteps = new AdaptiveSteps({ targetMs: targetServerMs, now });
    this.#metrics = this.#createMetrics();
    const guard = (this.#guard = createGuard({ log, faults: this.#metrics.faults }));
    this.#admission = new Admission<Session>({ maxSessions, maxWaiting, idleMs, devices, guard, now });
    this.#canvas = this.#canvasOptions();
    this.#rooms = this.#createRooms(parts);
    this.#connections = this.#createConnections();
    const relayed = { rooms: this.#rooms, connections: this.#connections };
    this.#relays = broker && leases && new Relays({ broker, server: leases.server, ...relayed });
    this.#stopEngine = this.#startEngine();
    const isPass = (pass: string) => this.#framePasses.isValid(pass);
    this.#gate = new Gate({ ...config, isTls: config.tlsCert !== '', isPass, log, now });
    this.#listener = this.#createListener();
    this.#acceptUpgrades();
  }

  // ── start and stop ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Listens.
   *
   * @throws UsageError if the address cannot be listened on
   */
  static async start(config: Config, log: Logger, parts: Parts): Promise<UnderpaintServer> {
    const server = new UnderpaintServer(config, log, parts);
    await server.#listener.listen().catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    return server;
  }

  /**
   * Refuses newcomers, then stops one part after the other.
   *
   * @returns whether everything ended within `drainSeconds`, and every room is safe
   */
  stop(): Promise<boolean> {
    this.#accepting = false;
    const parts = {
      stopEngine: this.#stopEngine,
      rooms: this.#rooms,
      registry: this.#registry,
      connections: this.#connections,
      executor: this.#executor,
      listener: this.#listener,
      broker: this.#broker,
      relays: this.#relays,
    };
    return stopInOrder(parts, this.#config.drainSeconds, this.#log);
  }

  /** Reads the certificate again. */
  reload(): void {
    reloadCertificate(this.#listener.server, this.#config, this.#log);
  }

  // ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  get isReady(): boolean {
    return this.#accepting && this.#executor.isReady && this.#rooms.unsafe === 0;
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return this.#listener.port;
  }

  info(): object {
    return {
      ...executorInfo(this.#executor),
      sessions: this.#registry.size,
      waiting: this.#admission.waiting,
      rooms: this.#rooms.size,
      capacity: this.#config.maxSessions,
    };
  }

  #createMetrics(): Metrics {
    return createMetrics({
      sessions: () => this.#registry.size,
      waiting: () => this.#admission.waiting,
      rooms: () => this.#rooms.size,
      unsafeRooms: () => this.#rooms.unsafe,
      stepLevel: () => this.#adaptiveSteps.level,
      ready: () => this.isReady,
    });
  }

  // ── in front: HTTP and WebSockets ─────────────────────────────────────────────────────────────────────────────────

  #createListener(): Listener {
    const config = this.#config;
    return new Listener({
      ...config,
      maxConnections: config.maxConnections || this.#maxPeers + PAGE_CONNECTIONS,
      onRequest: createRequestListener({
        basePath: config.basePath,
        frameAncestors: config.allowedOrigins,
        framePass: () => this.#framePasses.issue(),
        gate: this.#gate,
        guard: this.#guard,
        ideasDir: join(config.model, 'ideas'),
        isReady: () => this.isReady,
        info: () => this.info(),
        createRoom: ({ socket }) => this.#rooms.create(socket.remoteAddress ?? ''),
        metrics: () => this.#metrics.registry.metrics(),
        metricsType: this.#metrics.registry.contentType,
      }),
      onDropped: () => this.#listenerOnDropped(),
      onError: (error) => this.#log.error({ err: error }, 'connection'),
    });
  }

  #listenerOnDropped(): void {
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
      onConnect: (peer) => (this.#relays ?? this.#connections).connect(peer),
      onRefused: (reason) => this.#metrics.refusals.inc({ what: 'upgrade', reason }),
    });
  }

  #whyBusy(): 'stopping' | 'full' | undefined {
    if (!this.#accepting) return 'stopping';
    return this.#connections.size + (this.#relays?.size ?? 0) >= this.#maxPeers ? 'full' : undefined;
  }

  get #maxPeers(): number {
    return this.#config.maxSessions + this.#config.maxWaiting + SPARE_PEERS;
  }

  // ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #createConnections(): Connections {
    return new Connections({
      admit: (hello, address) =>
        hello.room === undefined ? Promise.resolve(undefined) : this.#rooms.prepare(hello, address),
      registry: this.#registry,
      admission: this.#admission,
      rooms: this.#rooms,
      createCanvas: (saved) => restoredCanvas(saved, this.#canvas),
      cost: (params) => this.#cost(params),
      initialParams: this.#canvas.initialParams,
      served: servedOf(this.#executor.model, this.#canvas, this.#config),
      framesInFlight: () => this.#framesInFlight(),
      limits: this.#config,
      onImage: (timing, reason) => this.#handleImage(timing, reason),
      metrics: this.#metrics,
      guard: this.#guard,
      log: this.#log,
      now,
    });
  }

  /** Of somebody who draws alone. */
  #framesInFlight(): number {
    const { steps } = this.#canvas.initialParams;
    return framesInFlight(this.#executor.easyFrames(steps) + Number(this.#executor.idlesBetweenFrames(steps)));
  }

  #handleImage(timing: Timing, reason: ImageReason): void {
    this.#metrics.observeImage(timing);
    // A refinement was in no hurry, and an image that is sent again took no time.
    if (reason !== 'refine' && timing.queueMs > 0) this.#adaptiveSteps.observe(timing.serverMs);
  }

  // ── canvases ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #canvasOptions(): CanvasOptions {
    const { maxFramesPerSecond, quietMs, refineSteps, previewAboveMs } = this.#config;
    const { model } = this.#executor;
    return {
      adaptiveSteps: this.#adaptiveSteps,
      metrics: this.#metrics,
      initialParams: initialParams(model, previewAboveMs),
      ranges: rangesOf(model),
      maxFramesPerSecond,
      depth: (steps) => this.#crowd.share(this.#executor.easyFrames(steps)),
      isAhead: (steps) => this.#crowd.now <= 1 && this.#executor.idlesBetweenFrames(steps),
      ask: (canvas) => this.#crowd.note(canvas),
      quietMs,
      refineSteps: Math.min(refineSteps, model.refineSteps ?? refineSteps),
      now,
      offer: (canvas) => this.#batcher.offer(canvas),
    };
  }

  #createRooms({ store, leases }: Parts): Rooms {
    return new Rooms({ ...this.#config, canvas: this.#canvas, guard: this.#guard, store, leases, now });
  }

  // ── behind: the engine and its workers ────────────────────────────────────────────────────────────────────────────

  #startEngine(): (graceMs: number) => Promise<void> {
    const executor = this.#executor;
    executor.follow(this.#crowd);
    executor.watch(this.#batcher);
    executor.observe({ onDeath: () => this.#executorOnDeath(), onCalls: this.#metrics.observeCalls });
    const cost = (request: RenderRequest) => requestMs(executor.model, request);
    return new Engine({ batcher: this.#batcher, executor, cost }).start();
  }

  #executorOnDeath(): void {
    this.#metrics.workerDeaths.inc();
    if (this.#executor.isReady) return;
    const error = new FrameError('worker-failed', 'the worker ended; send the frame again', { retryable: true });
    for (const { canvas } of this.#registry) canvas?.failWaiting(error);
  }

  #cost(params: Pick<Params, 'steps' | 'guidance'>): number {
    return frameMs(this.#executor.model, params);
  }
}

function now(): number {
  return performance.now();
}
