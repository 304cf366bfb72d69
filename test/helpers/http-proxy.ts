import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A forward proxy like those of companies: tunnels for https, full addresses for plain http. */
export class HttpProxy {
  /** The requests in order: `CONNECT host:port`, or `GET http://...`. */
  readonly asked: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** Answers every request with this status instead. */
  refuseWith: number | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  constructor() {
    this.#server = createServer((near, answer) => this.#forward(near, answer));
    this.#server.on('connect', (near: IncomingMessage, socket: Duplex) => this.#tunnel(near, socket));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #note({ method, url, headers }: IncomingMessage): void {
    this.asked.push(`${method} ${url}`);
    this.authorizations.push(headers['proxy-authorization']);
  }

  #forward(near: IncomingMessage, answer: ServerResponse): void {
    this.#note(near);
    if (this.refuseWith !== undefined) return void answer.writeHead(this.refuseWith).end();
    const far = request(near.url!, { method: near.method, headers: near.headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    near.pipe(far);
  }

  #tunnel(near: IncomingMessage, socket: Duplex): void {
    this.#note(near);
    if (this.refuseWith !== undefined) return void socket.end(`HTTP/1.1 ${this.refuseWith} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${near.url}`);
    const far: Socket = connect(Number(port), hostname, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const [one, other] of [[socket, far] as const, [far, socket] as const]) {
      this.#sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  }
}
