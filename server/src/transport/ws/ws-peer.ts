import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Peer, PeerListener } from '../peer.js';

/** Head of a control frame from a client, which is masked (RFC 6455, section 5.2). */
const CONTROL_HEAD_BYTES = 6;
/** Bytes of reason that fit into a close frame (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** A WebSocket as a peer. */
export class WsPeer implements Peer {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #transport: Socket;
  /** Bytes received up to the end of the last message, and of the control frames since. */
  #wholeBytes: number;

  /**
   * @param transport the TCP or TLS connection below the WebSocket
   * @param address of the client
   */
  constructor(socket: WebSocket, transport: Socket, address: string) {
    this.#socket = socket;
    this.#transport = transport;
    this.#wholeBytes = transport.bytesRead;
    this.address = address;
  }

  get receivedBytes(): number {
    return this.#transport.bytesRead;
  }

  get partialBytes(): number {
    return Math.max(0, this.receivedBytes - this.#wholeBytes);
  }

  get sentBytes(): number {
    return this.#transport.bytesWritten - this.#transport.writableLength;
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  listen(listener: PeerListener): void {
    const socket = this.#socket;
    socket.on('message', (data: Buffer, isBinary) => {
      this.#wholeBytes = this.receivedBytes;
      // ws still reads bytes that it received before a close.
      if (socket.readyState === socket.OPEN) listener.handleMessage(data, isBinary);
    });
    socket.on('ping', (data) => this.#controlOnFrame(data));
    socket.on('pong', (data) => this.#controlOnFrame(data));
    socket.on('error', (error) => listener.handleError(error));
    socket.on('close', () => listener.handleClose());
  }

  #controlOnFrame(data: Buffer): void {
    this.#wholeBytes += CONTROL_HEAD_BYTES + data.length;
  }

  send(bytes: Uint8Array, onSent?: () => void): void {
    this.#socket.send(bytes, onSent && (() => onSent()));
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, cutReason(reason));
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** As much of a reason as fits, in whole characters. */
export function cutReason(reason: string): string {
  const bytes = Buffer.from(reason).subarray(0, MAX_REASON_BYTES - 3);
  return bytes.toString().replace(/\uFFFD$/, '');
}
