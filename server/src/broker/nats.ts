import { readFileSync } from 'node:fs';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Bucket } from './bucket.js';
import type { Broker, BrokerMessage } from './broker.js';

export interface NatsOptions {
  /** As in `nats://user:password@host:4222`; several servers of a cluster are separated by commas. */
  readonly url: string;
  /** File with the credentials of a user; empty for none. */
  readonly creds: string;
  /** Names this connection in the server's reports. */
  readonly name: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const CONNECT_MS = 5_000;
const RECONNECT_MS = 200;
/**
 * A server that answers none of these pings is given up, and the next one of the cluster is tried. An answer comes behind the
 * messages under way, so on a busy machine it may be late.
 */
const PING_EVERY_MS = 1_500;
const PINGS_UNANSWERED = 4;
/** Messages of this size carry frames in a few parts; a smaller limit is not worth supporting. */
const LEAST_PAYLOAD = 64 * 1_024;
/** The largest frame and its parameters in one message. */
const WHOLE_FRAME = 512 * 1_024;
const NO_RESPONDERS = 503;

/**
 * Connects to NATS. The library is loaded here and nowhere else.
 *
 * @throws UsageError if no server can be reached, or its messages are too small
 */
export async function connectNats(options: NatsOptions): Promise<Broker> {
  const { url, creds, name, log } = options;
  const { servers, settings } = parseUrls(url);
  const { connect, credsAuthenticator } = await import('@nats-io/transport-node');
  const authenticator = creds === '' ? undefined : credsAuthenticator(readCreds(creds));
  const connection = await connect({
    ...settings,
    ...(authenticator && { authenticator }),
    servers,
    name,
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    pingInterval: PING_EVERY_MS,
    maxPingOut: PINGS_UNANSWERED,
    ignoreAuthErrorAbort: true,
  }).catch((error: unknown) => {
    throw new UsageError(`cannot connect to NATS at ${servers.join(', ')}: ${(error as Error).message}`);
  });
  void logStatus(connection, log);
  const maxPayload = connection.info!.max_payload;
  if (maxPayload < LEAST_PAYLOAD) {
    await connection.close();
    throw new UsageError(`${tooSmall(maxPayload)}; it needs at least ${LEAST_PAYLOAD}: set max_payload to 1MB there`);
  }
  if (maxPayload < WHOLE_FRAME)
    log.warn(`${tooSmall(maxPayload)}; frames are sent in parts: set max_payload to 1MB there`);
  return new NatsBroker(connection, log);
}

function tooSmall(maxPayload: number): string {
  return `the NATS server allows messages of ${maxPayload} bytes`;
}

/** Credentials of the first address count for all. */
function parseUrls(url: string): { readonly servers: string[]; readonly settings: ConnectionOptions } {
  const urls = url.split(',').map(parseUrl);
  const [first] = urls;
  const [user, pass] = [decodeURIComponent(first!.username), decodeURIComponent(first!.password)];
  const settings = {
    ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  };
  return { servers: urls.map(({ host }) => host), settings };
}

function readCreds(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--nats-creds ${file} cannot be read: ${(error as Error).message}`);
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url && /^(nats|tls):$/.test(url.protocol) && url.host !== '') return url;
  throw new UsageError('--nats must be like nats://host:4222, or tls://user:password@host:4222');
}

async function logStatus(connection: NatsConnection, log: NatsOptions['log']): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn('lost the connection to NATS');
    if (status.type === 'reconnect') log.info({ server: status.server }, 'connected to NATS again');
    if (status.type === 'error') log.error({ reason: status.error.message }, 'NATS');
  }
}

class NatsBroker implements Broker {
  readonly #connection: NatsConnection;
  readonly #log: NatsOptions['log'];

  constructor(connection: NatsConnection, log: NatsOptions['log']) {
    this.#connection = connection;
    this.#log = log;
  }

  /** After a reconnect it may be another server's. */
  get maxPayload(): number {
    return this.#connection.info!.max_payload;
  }

  publish(subject: string, bytes: Uint8Array, replyTo?: string): void {
    if (this.#connection.isClosed()) return;
    this.#connection.publish(subject, bytes, replyTo === undefined ? {} : { reply: replyTo });
  }

  subscribe(subject: string, listener: (message: BrokerMessage) => void): () => void {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, { data, headers }) => {
        if (error) return this.#log.error({ reason: error.message, subject }, 'NATS');
        this.#call(listener, { bytes: data, isUndelivered: data.length === 0 && headers?.code === NO_RESPONDERS });
      },
    });
    return () => subscription.unsubscribe();
  }

  async openBucket(name: string, keptMs?: number): Promise<Bucket | undefined> {
    if (this.#connection.info!.jetstream !== true) return undefined;
    const { openNatsBucket } = await import('./nats-bucket.js');
    return openNatsBucket(this.#connection, name, keptMs).catch((error: unknown) => {
      throw new UsageError(`the JetStream of NATS cannot be used: ${(error as Error).message}`);
    });
  }

  /** A throw would end the connection, which serves everybody else too. */
  #call(listener: (message: BrokerMessage) => void, message: BrokerMessage): void {
    try {
      listener(message);
    } catch (error) {
      this.#log.error({ err: error, where: 'broker' }, 'fault');
    }
  }

  async close(): Promise<void> {
    // close() alone would lose what is queued, and a flush never ends without a connection.
    await Promise.race([this.#connection.flush(), new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))]);
    await this.#connection.close();
  }
}
