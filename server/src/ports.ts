import { join } from 'node:path';
import type { Quotas } from './access/quotas.js';
import type { Audit } from './audit.js';
import type { Config } from './config/config.js';
import type { Guard } from './guard.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { logBudget, TokenBucket } from './token-bucket.js';
import { reloadCertificate } from './transport/certificate.js';
import type { AddressOf } from './transport/client-address.js';
import { createFactsPort } from './transport/facts.js';
import { FramePasses, frameSecretFile, loadFrameSecret } from './transport/frame-passes.js';
import { Gate } from './transport/gate.js';
import { createRequestListener, type HttpRoutes } from './transport/http.js';
import { Listener } from './transport/listener.js';
import type { Peer } from './transport/peer.js';
import { acceptUpgrades } from './transport/ws/upgrades.js';

export interface PortsOptions extends Pick<HttpRoutes, 'isReady' | 'info' | 'createRoom' | 'operate'> {
  readonly config: Config;
  readonly addressOf: AddressOf;
  readonly quotas: Pick<Quotas, 'mayConnect'>;
  readonly audit: Audit;
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
const INTERNAL_CONNECTIONS = 64;
/** Computing the metrics takes milliseconds: beyond these, a scrape gets the last ones. */
const METRICS_PER_SECOND = 2;
const METRICS_AT_ONCE = 20;

/** The front of the server: HTTP and WebSockets. */
export class Ports {
  readonly #options: PortsOptions;
  readonly #framePasses = new FramePasses(loadFrameSecret(frameSecretFile(process.env)), Date.now);
  readonly #gate: Gate;
  readonly #metrics: () => Promise<string>;
  readonly #listener: Listener;
  readonly #internal: Listener | undefined;
  readonly #dropLogs: TokenBucket;

  constructor(options: PortsOptions) {
    this.#options = options;
    const { config, log, now } = options;
    const isPass = (pass: string) => this.#framePasses.isValid(pass);
    this.#gate = new Gate({ ...config, isTls: config.tlsCert !== '', isPass, log, now });
    this.#dropLogs = logBudget(now);
    this.#metrics = sparing(() => options.metrics.registry.metrics(), now);
    this.#listener = this.#createListener();
    this.#internal = config.internalPort === 0 ? undefined : this.#createInternal();
    this.#acceptUpgrades();
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return this.#listener.port;
  }

  /** @throws UsageError if the server cannot listen on an address */
  async listen(): Promise<void> {
    await this.#internal?.listen();
    await this.#listener.listen();
  }

  /** Accepts no more connections, and leaves those that are open. */
  refuse(): void {
    this.#listener.refuse();
  }

  /** Accepts no more connections and closes all: HTTP ones at once, upgraded ones after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#listener.close(graceMs), this.#internal?.close(graceMs)]);
  }

  /** Reads the certificate again. */
  reload(): void {
    const { config, log } = this.#options;
    reloadCertificate(this.#listener.server, config, log);
  }

  #createListener(): Listener {
    const { config, isReady, info, createRoom, operate, metrics, guard, log } = this.#options;
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
        operate,
        hasInternalPort: config.internalPort !== 0,
        metrics: this.#metrics,
        metricsType: metrics.registry.contentType,
      }),
      onDropped: () => this.#listenerOnDropped(),
      onError: (error) => log.error({ err: error }, 'connection'),
    });
  }

  #createInternal(): Listener {
    const { config, isReady, info, metrics, guard, log } = this.#options;
    return createFactsPort(config, {
      routes: { isReady, info, metrics: this.#metrics, metricsType: metrics.registry.contentType },
      maxConnections: INTERNAL_CONNECTIONS,
      guard,
      log,
      onDropped: () => this.#listenerOnDropped(),
    });
  }

  #listenerOnDropped(): void {
    const { metrics, log } = this.#options;
    metrics.refusals.inc({ what: 'connection', reason: 'full' });
    if (this.#dropLogs.take(1)) log.warn('refused a connection: there are as many as --max-connections allows');
  }

  #acceptUpgrades(): void {
    const { config, metrics, guard, addressOf, audit, onConnect } = this.#options;
    acceptUpgrades(this.#listener.server, {
      path: `${config.basePath}ws`,
      maxMessageBytes: config.maxMessageBytes,
      gate: this.#gate,
      guard,
      addressOf,
      busy: (address) => this.#whyBusy(address),
      onConnect,
      onRefused: (reason, request) => {
        metrics.refusals.inc({ what: 'upgrade', reason });
        audit('refusal', { what: 'upgrade', reason, address: addressOf(request) });
      },
    });
  }

  #whyBusy(address: string): 'stopping' | 'full' | 'address' | undefined {
    const { isStopping, peers, quotas } = this.#options;
    if (isStopping()) return 'stopping';
    if (peers() >= this.#maxPeers) return 'full';
    return quotas.mayConnect(address) ? undefined : 'address';
  }

  get #maxPeers(): number {
    const { maxSessions, maxWaiting } = this.#options.config;
    return maxSessions + maxWaiting + SPARE_PEERS;
  }
}

/** Repeats the last result when it is asked for too often. */
function sparing(read: () => Promise<string>, now: () => number): () => Promise<string> {
  const budget = new TokenBucket({ perSecond: METRICS_PER_SECOND, capacity: METRICS_AT_ONCE, now });
  let last: Promise<string> | undefined;
  return () => {
    if (budget.take(1) || !last) last = read();
    return last;
  };
}
