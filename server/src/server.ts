import { framesInFlight, type ImageReason, type Params, type Timing } from '@underpaint/shared';
import type { Tokens } from './access/tokens.js';
import { quotasOf, type Quotas } from './access/quotas.js';
import { Api } from './api.js';
import { createAudit, NO_AUDIT, type Audit } from './audit.js';
import type { Broker } from './broker/broker.js';
import { AdaptiveSteps } from './canvas/adaptive-steps.js';
import type { Canvas, CanvasOptions } from './canvas/canvas.js';
import { canvasOptions } from './canvas-options.js';
import type { Config } from './config/config.js';
import { Engine } from './engine.js';
import { FrameError } from './errors.js';
import { executorInfo } from './executor-info.js';
import { createGuard, type Guard } from './guard.js';
import { frameMs, requestMs, type RenderRequest } from './inference/contract.js';
import type { ExecutorPool } from './inference/host/pool.js';
import { createRecordLog, type Logger, type RecordLog } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { Parts } from './parts.js';
import { Ports } from './ports.js';
import { Rooms } from './rooms/rooms.js';
import { Admission } from './session/admission.js';
import { Connections } from './session/connections.js';
import { Doorkeeper } from './session/doorkeeper.js';
import { SessionRegistry } from './session/registry.js';
import { restoredCanvas } from './session/restored-canvas.js';
import { servedOf } from './session/served-params.js';
import type { Session } from './session/session.js';
import { stopInOrder } from './stop-order.js';
import { TracedExecutor } from './tracing/traced-executor.js';
import type { Tracing } from './tracing/tracing.js';
import { clientAddresses, type AddressOf } from './transport/client-address.js';
import { Relays } from './transport/relay/relays.js';
import { Batcher } from './turns/batcher.js';
import { Crowd } from './turns/crowd.js';
import type { PromptCheck } from './words/prompt-check.js';

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
  readonly #promptCheck: PromptCheck | undefined;
  readonly #tracing: Tracing | undefined;
  readonly #connections: Connections;
  readonly #relays: Relays | undefined;
  readonly #stopEngine: (graceMs: number) => Promise<void>;
  readonly #quotas: Quotas;
  readonly #addressOf: AddressOf;
  readonly #auditLog: RecordLog | undefined;
  readonly #audit: Audit;
  readonly #api: Api;
  readonly #ports: Ports;
  #accepting = true;

  private constructor(config: Config, log: Logger, parts: Parts) {
    const { executor, leases, broker, promptCheck, tracing, sessions: shared } = parts;
    const { maxSessions, maxWaiting, idleMs, resumeTtlMs, targetServerMs } = config;
    const devices = () => executor.workers.length;
    this.#config = config;
    this.#log = log;
    this.#executor = executor;
    this.#broker = broker;
    this.#promptCheck = promptCheck;
    this.#tracing = tracing;
    this.#registry = new SessionRegistry<Session>({ resumeTtlMs, maxParked: maxSessions, shared });
    this.#adaptiveSteps = new AdaptiveSteps({ targetMs: targetServerMs, now });
    this.#metrics = this.#createMetrics();
    const guard = (this.#guard = createGuard({ log, faults: this.#metrics.faults }));
    this.#admission = new Admission<Session>({ maxSessions, maxWaiting, idleMs, devices, guard, now });
    this.#quotas = quotasOf(config, now);
    this.#addressOf = clientAddresses(config);
    this.#auditLog = config.auditLog === '' ? undefined : createRecordLog(config.auditLog);
    this.#audit = this.#auditLog ? createAudit(this.#auditLog.write, now) : NO_AUDIT;
    this.#canvas = this.#canvasOptions();
    this.#rooms = this.#createRooms(parts);
    this.#connections = this.#createConnections(parts.tokens);
    const relayed = { rooms: this.#rooms, connections: this.#connections };
    this.#relays = broker && leases && new Relays({ broker, server: leases.server, ...relayed });
    this.#stopEngine = this.#startEngine();
    this.#api = this.#createApi(parts.tokens);
    this.#ports = this.#createPorts();
  }

  // ── start and stop ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Listens.
   *
   * @throws UsageError if the address cannot be listened on
   */
  static async start(config: Config, log: Logger, parts: Parts): Promise<UnderpaintServer> {
    const server = new UnderpaintServer(config, log, parts);
    await server.#ports.listen().catch(async (error: unknown) => {
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
      ports: this.#ports,
      broker: this.#broker,
      relays: this.#relays,
    };
    return stopInOrder(parts, this.#config.drainSeconds, this.#log).finally(() => this.#tracing?.stop());
  }

  /** Reads the certificate and the list of words again, and opens the audit log again. */
  reload(): void {
    this.#promptCheck?.reload();
    this.#ports.reload();
    this.#auditLog?.reopen();
  }

  // ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  get isReady(): boolean {
    return this.#accepting && this.#executor.isReady && this.#rooms.unsafe === 0;
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return this.#ports.port;
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
      maxRows: () => this.#executor.ownRows,
    });
  }

  // ── in front: HTTP and WebSockets ─────────────────────────────────────────────────────────────────────────────────

  #createApi(tokens: Tokens): Api {
    const [rooms, registry, metrics] = [this.#rooms, this.#registry, this.#metrics];
    const { ceilings } = this.#quotas;
    return new Api({ tokens, rooms, registry, ceilings, metrics, addressOf: this.#addressOf, audit: this.#audit });
  }

  #createPorts(): Ports {
    return new Ports({
      config: this.#config,
      isReady: () => this.isReady,
      info: () => this.info(),
      createRoom: (request) => this.#api.createRoom(request),
      operate: (request, path) => this.#api.operate(request, path),
      addressOf: this.#addressOf,
      quotas: this.#quotas,
      audit: this.#audit,
      peers: () => this.#connections.size + (this.#relays?.size ?? 0),
      isStopping: () => !this.#accepting,
      onConnect: (peer) => (this.#relays ?? this.#connections).connect(peer),
      metrics: this.#metrics,
      guard: this.#guard,
      log: this.#log,
      now,
    });
  }

  // ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #createConnections(tokens: Tokens): Connections {
    const doorkeeper = new Doorkeeper({ tokens, rooms: this.#rooms, metrics: this.#metrics });
    return new Connections({
      admit: (hello, visitor) => doorkeeper.admit(hello, visitor),
      renew: (token) => doorkeeper.renew(token),
      registry: this.#registry,
      admission: this.#admission,
      rooms: this.#rooms,
      createCanvas: (saved) => restoredCanvas(saved, this.#canvas),
      cost: (params) => this.#cost(params),
      initialParams: this.#canvas.initialParams,
      served: servedOf(this.#executor.model, this.#canvas, this.#config),
      framesInFlight: () => this.#framesInFlight(),
      promptCheck: this.#promptCheck,
      limits: this.#config,
      quotas: this.#quotas,
      audit: this.#audit,
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
    const [executor, adaptiveSteps, metrics] = [this.#executor, this.#adaptiveSteps, this.#metrics];
    const [crowd, batcher] = [this.#crowd, this.#batcher];
    return canvasOptions(this.#config, { executor, adaptiveSteps, metrics, crowd, batcher, now });
  }

  #createRooms({ store, leases }: Parts): Rooms {
    const parts = { canvas: this.#canvas, guard: this.#guard, store, leases, audit: this.#audit };
    return new Rooms({ ...this.#config, ...parts, now });
  }

  // ── behind: the engine and its workers ────────────────────────────────────────────────────────────────────────────

  #startEngine(): (graceMs: number) => Promise<void> {
    const executor = this.#executor;
    executor.follow(this.#crowd);
    executor.watch(this.#batcher);
    executor.observe({ onDeath: () => this.#executorOnDeath(), onCalls: this.#metrics.observeCalls });
    const cost = (request: RenderRequest) => requestMs(executor.model, request);
    const traced = this.#tracing && new TracedExecutor(executor, { tracing: this.#tracing, log: this.#log, now });
    return new Engine({ batcher: this.#batcher, executor: traced ?? executor, cost }).start();
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
