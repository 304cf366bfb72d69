import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import type { Config } from './config/config.js';
import type { Guard } from './guard.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { TokenBucket } from './token-bucket.js';
import { reloadCertificate } from './transport/certificate.js';
import { FramePasses, frameSecretFile, loadFrameSecret } from './transport/frame-passes.js';
import { Gate } from './transport/gate.js';
import { createRequestListener, type HttpRoutes } from './transport/http.js';
import { Listener } from './transport/listener.js';
import type { Peer } from './transport/peer.js';
import { acceptUpgrades } from './transport/ws/upgrades.js';

export interface PortsOptions extends Pick<HttpRoutes, 'isReady' | 'info'> {
  readonly config: Config;
  readonly createRoom: (request: IncomingMessage) => ReturnType<HttpRoutes['createRoom']>;
  /** Peers that are connected. */
  readonly peers: () => number;
  readonly isStopping: () => boolean;
  readonly onConnect: (peer: Peer) => void;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly log: Logger;
  readonly now: () => number;
}

/** Peers beyond the sessions and the line: those that say hello, and those that are told to come back later. */
const SPARE_PEERS = 64;
/** TCP connections beyond the peers: a browser loads a page over six. */
const PAGE_CONNECTIONS = 256;
const LOGS_PER_SECOND = 1 / 60;

/** The front of the server: HTTP and WebSockets. */
export class Ports {
  readonly #options: PortsOptions;
  readonly #framePasses = new FramePasses(loadFrameSecret(frameSecretFile(process.env)), Date.now);
  readonly #gate: Gate;
  readonly #listener: Listener;
  /** A stranger must not fill the log. */
  readonly #dropLogs: TokenBucket;

  constructor(options: PortsOptions) {
    this.#options = options;
    const { config, log, now } = options;
    const isPass = (pass: string) => this.#framePasses.isValid(pass);
    this.#gate = new Gate({ ...config, isTls: config.tlsCert !== '', isPass, log, now });
    this.#dropLogs = new TokenBucket({ perSecond: LOGS_PER_SECOND, capacity: 1, now });
    this.#listener = this.#createListener();
    this.#acceptUpgrades();
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return this.#listener.port;
  }

  /** @throws UsageError if the server cannot listen on the address */
  listen(): Promise<void> {
    return this.#listener.listen();
  }

  /** Accepts no more connections and closes all: HTTP ones at once, upgraded ones after `graceMs`. */
  close(graceMs: number): Promise<void> {
    return this.#listener.close(graceMs);
  }

  /** Reads the certificate again. */
  reload(): void {
    const { config, log } = this.#options;
    reloadCertificate(this.#listener.server, config, log);
  }

  #createListener(): Listener {
    const { config, isReady, info, createRoom, metrics, guard, log } = this.#options;
    return new Listener({
      ...config,
      maxConnections: config.maxConnections || this.#maxPeers + PAGE_CONNECTIONS,
      onRequest: createRequestListener({
        basePath: config.basePath,
        frameAncestors: config.allowedOrigins,
        framePass: () => this.#framePasses.issue(),
        gate: this.#gate,
        guard,
        ideasDir: join(config.model, 'ideas'),
        isReady,
        info,
        createRoom,
        metrics: () => metrics.registry.metrics(),
        metricsType: metrics.registry.contentType,
      }),
      onDropped: () => this.#listenerOnDropped(),
      onError: (error) => log.error({ err: error }, 'connection'),
    });
  }

  #listenerOnDropped(): void {
    const { metrics, log } = this.#options;
    metrics.refusals.inc({ what: 'connection', reason: 'full' });
    if (this.#dropLogs.take(1)) log.warn('refused a connection: there are as many as --max-connections allows');
  }

  #acceptUpgrades(): void {
    const { config, metrics, guard, onConnect } = this.#options;
    acceptUpgrades(this.#listener.server, {
      path: `${config.basePath}ws`,
      maxMessageBytes: config.maxMessageBytes,
      gate: this.#gate,
      guard,
      busy: () => this.#whyBusy(),
      onConnect,
      onRefused: (reason) => metrics.refusals.inc({ what: 'upgrade', reason }),
    });
  }

  #whyBusy(): 'stopping' | 'full' | undefined {
    const { isStopping, peers } = this.#options;
    if (isStopping()) return 'stopping';
    return peers() >= this.#maxPeers ? 'full' : undefined;
  }

  get #maxPeers(): number {
    const { maxSessions, maxWaiting } = this.#options.config;
    return maxSessions + maxWaiting + SPARE_PEERS;
  }
}
