import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { UsageError } from '../errors.js';

/** Time limits of the parts of an exchange, in ms. */
export interface Timeouts {
  /** From the opening of a connection, or the first byte of a later request, to the end of the request's head. */
  readonly headers: number;
  /** From the same moment to the end of the request. */
  readonly request: number;
  readonly tlsHandshake: number;
  /** Without a byte either way while a request is answered. */
  readonly idle: number;
  /** The whole answer, so that a slow reader cannot prolong it forever. */
  readonly response: number;
  /**
   * Between two requests on one connection. Longer than the 60 s of common load balancers, which would otherwise reuse
   * a connection as we close it.
   */
  readonly keepAlive: number;
  /** How often the first two limits are checked. */
  readonly check: number;
}

const TIMEOUTS: Timeouts = {
  headers: 10_000,
  request: 15_000,
  tlsHandshake: 10_000,
  idle: 30_000,
  response: 120_000,
  keepAlive: 65_000,
  check: 2_000,
};

/**
 * Requests of one connection that may wait for their answers (pipelining). Browsers and proxies send one at a time; thousands
 * in one packet would hold up everybody else.
 */
const MAX_PIPELINED = 8;

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** The option that sets the port. */
  readonly portFlag?: string;
  /** PEM files; empty for plain http. */
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** Limit of open TCP connections, upgraded ones included. */
  readonly maxConnections: number;
  readonly onRequest: RequestListener;
  /** A connection beyond `maxConnections` was closed. */
  readonly onDropped: () => void;
  /** The system could not hand over a connection, for example because there are no file descriptors left. */
  readonly onError: (error: Error) => void;
  readonly timeouts?: Partial<Timeouts>;
}

/** The listening port, and every connection to it. */
export class Listener {
  readonly server: Server;
  readonly #options: ListenerOptions;
  readonly #timeouts: Timeouts;
  /** The TCP connections, below TLS and WebSocket. */
  readonly #sockets = new Set<Socket>();
  /** Requests without a whole answer, by connection. */
  readonly #open = new WeakMap<Socket, number>();

  /** @throws UsageError if the certificate cannot be used */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#timeouts = { ...TIMEOUTS, ...options.timeouts };
    this.server = createHttpServer(options, this.#timeouts, (request, response) =>
      this.#serverOnRequest(request, response),
    );
    this.server.timeout = this.#timeouts.idle;
    this.server.maxConnections = options.maxConnections;
    this.server.on('drop', options.onDropped);
    this.server.on('connection', (socket: Socket) => this.#serverOnConnection(socket));
  }

  /** The port in use, for a configuration that asked for any. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @throws UsageError if the server cannot listen on the address */
  listen(): Promise<void> {
    const { host, port, portFlag = '--port', onError } = this.#options;
    const { server } = this;
    return new Promise((resolve, reject) => {
      const onFailure = (error: NodeJS.ErrnoException) => {
        const inUse = `something else listens there; choose another ${portFlag}`;
        const why = error.code === 'EADDRINUSE' ? inUse : error.message;
        reject(new UsageError(`cannot listen on ${host}:${port}: ${why}`, { cause: error }));
      };
      server.once('error', onFailure);
      server.listen(port, host, () => {
        server.off('error', onFailure);
        server.on('error', onError);
        resolve();
      });
    });
  }

  /** Accepts no more connections: a proxy goes to the next server at once. Those that were upgraded stay open. */
  refuse(): void {
    this.server.close();
    this.server.closeIdleConnections();
  }

  /** Accepts no more connections and closes all: HTTP ones at once, upgraded ones after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(cut);
  }

  #serverOnConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #serverOnRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const open = (this.#open.get(socket) ?? 0) + 1;
    // The parser goes on to the end of its packet, even when the connection is destroyed.
    if (socket.destroyed || open > MAX_PIPELINED) return void socket.destroy();
    this.#open.set(socket, open);
    const cut = setTimeout(() => socket.destroy(), this.#timeouts.response);
    response.once('close', () => {
      clearTimeout(cut);
      this.#open.set(socket, (this.#open.get(socket) ?? 1) - 1);
    });
    this.#options.onRequest(request, response);
  }
}

function createHttpServer(
  { tlsCert, tlsKey }: ListenerOptions,
  timeouts: Timeouts,
  onRequest: RequestListener,
): Server {
  const options = {
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    connectionsCheckingInterval: timeouts.check,
  };
  if (tlsCert === '') return createServer(options, onRequest);
  try {
    const keys = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
    return createTlsServer({ ...options, ...keys, handshakeTimeout: timeouts.tlsHandshake }, onRequest);
  } catch (error) {
    throw new UsageError(`the certificate ${tlsCert} and its key cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
