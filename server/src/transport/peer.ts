import type { Socket as NetSocket } from 'node:net';
import type { WebSocket } from 'ws';

/** What a connection uses of a WebSocket. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'terminate' | 'ping' | 'bufferedAmount'> & {
  /** Bytes that came from the other side, those of unfinished messages included. */
  readonly bytesReceived: number;
  /** Bytes that went out and no longer wait in this process. */
  readonly bytesSent: number;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
};

/** A WebSocket with what its transport knows of the bytes. */
export class Peer implements Socket {
  readonly send: Socket['send'];
  readonly close: Socket['close'];
  readonly terminate: Socket['terminate'];
  readonly ping: Socket['ping'];
  readonly on: Socket['on'];
  readonly #socket: WebSocket;
  readonly #transport: NetSocket;

  constructor(socket: WebSocket, transport: NetSocket) {
    this.#socket = socket;
    this.#transport = transport;
    this.send = socket.send.bind(socket);
    this.close = socket.close.bind(socket);
    this.terminate = socket.terminate.bind(socket);
    this.ping = socket.ping.bind(socket);
    this.on = socket.on.bind(socket);
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  get bytesReceived(): number {
    return this.#transport.bytesRead;
  }

  get bytesSent(): number {
    return this.#transport.bytesWritten - this.#transport.writableLength;
  }
}
