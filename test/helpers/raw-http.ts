import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The headers of a request that asks for a WebSocket. */
export const UPGRADE = [
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
] as const;

/** A connection to which a test can write any bytes. */
export class RawHttp {
  received = '';
  readonly socket: Socket;
  readonly #closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text) => (this.received += String(text)));
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('end', () => this.#poke());
  }

  static async open(port: number): Promise<RawHttp> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawHttp(socket);
  }

  /** Writes a request without a body; `\r\n` at the end of each line is added. */
  send(...lines: readonly string[]): void {
    this.socket.write([...lines, '', ''].join('\r\n'));
  }

  /** Waits until so many answers have begun. */
  async untilAnswers(count: number): Promise<void> {
    while (this.received.split('HTTP/1.1 ').length <= count) await once(this.socket, 'data');
  }

  /** Waits until the other side has closed completely, and returns everything received. */
  async untilClosed(): Promise<string> {
    await this.#closed;
    return this.received;
  }

  /** A peer that only ended its side still accepts bytes; one that has closed answers with a reset. */
  #poke(): void {
    const timer = setInterval(() => this.socket.write('.'), 10);
    this.socket.once('close', () => clearInterval(timer));
  }

  /** The statuses of all answers so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  }
}

/** The answer to one request, until the server closes the connection. */
export async function ask(port: number, ...lines: readonly string[]): Promise<string> {
  const connection = await RawHttp.open(port);
  connection.send(...lines);
  return connection.untilClosed();
}
