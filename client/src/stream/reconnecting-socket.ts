import { CLOSE, FINAL_CLOSE_CODES, SUBPROTOCOL } from '@underpaint/shared';
import { fullJitterMs } from './backoff.js';
import { socketUrl } from './socket-url.js';
import { TypedEventTarget } from './typed-event-target.js';

export type SocketState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  | { readonly status: 'open' }
  /** `retryAt` is a `Date.now()` time. */
  | { readonly status: 'reconnecting'; readonly attempt: number; readonly retryAt: number }
  | { readonly status: 'offline' }
  | { readonly status: 'ended'; readonly code: number; readonly reason: string };

interface SocketEvents {
  statechange: Event;
  message: MessageEvent<ArrayBuffer>;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A WebSocket that comes back by itself, with full jitter, unless the server said for good that it should not.
 * What the browser says about the network is a hint only: while it says "offline" the tries go on (a server on this
 * very machine is still there), and when it says "online" the next try is made at once.
 */
export class ReconnectingSocket extends TypedEventTarget<SocketEvents> {
  readonly #url: string;
  #state: SocketState = { status: 'idle' };
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #atLeastMs = 0;

  constructor(url: string | URL) {
    super();
    this.#url = socketUrl(url).href;
  }

  get state(): SocketState {
    return this.#state;
  }

  open(): void {
    if (this.#socket !== null || this.#state.status === 'reconnecting' || this.#state.status === 'offline') return;
    globalThis.addEventListener('online', this.#browserOnOnline);
    this.#attempt = 0;
    this.#connect();
  }

  /** Sends when open; what cannot be sent now is not kept. */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(bytes);
    return true;
  }

  /** Tells that the peer talks sense: the next failure counts as the first. */
  settled(): void {
    this.#attempt = 0;
  }

  /** The next reconnection waits at least this long: the server asked for it. */
  waitAtLeast(ms: number): void {
    this.#atLeastMs = ms;
  }

  retryNow(): void {
    if (this.#state.status !== 'reconnecting' && this.#state.status !== 'offline') return;
    this.#connect();
  }

  close(): void {
    this.#detach(1000);
    globalThis.removeEventListener('online', this.#browserOnOnline);
    this.#become({ status: 'idle' });
  }

  /** Drops this connection; the next try comes after a pause, as after any other loss. */
  restart(): void {
    this.#socket?.close();
  }

  /** Gives up for good: the peer cannot be talked to. */
  abort(code: number, reason: string): void {
    this.#detach(code);
    this.#end(code, reason);
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#atLeastMs = 0;
    this.#become({ status: 'connecting' });
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#socketOnOpen(socket));
    socket.addEventListener('message', (event: MessageEvent) => this.#socketOnMessage(socket, event));
    socket.addEventListener('close', (event) => this.#socketOnClose(socket, event));
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), CONNECT_TIMEOUT_MS);
  }

  #socketOnOpen(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#become({ status: 'open' });
  }

  #socketOnMessage(socket: WebSocket, event: MessageEvent): void {
    if (socket !== this.#socket || !(event.data instanceof ArrayBuffer)) return;
    this.dispatchEvent(new MessageEvent('message', { data: event.data }));
  }

  #socketOnClose(socket: WebSocket, event: CloseEvent): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#socket = null;
    if (FINAL_CLOSE_CODES.has(event.code)) return this.#end(event.code, event.reason);
    const delayMs = Math.max(this.#atLeastMs, fullJitterMs(this.#attempt));
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    if (navigator.onLine) {
      this.#become({ status: 'reconnecting', attempt: this.#attempt, retryAt: Date.now() + delayMs });
    } else {
      this.#become({ status: 'offline' });
    }
  }

  #browserOnOnline = (): void => this.retryNow();

  #detach(code: number): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    // A page may send 1000 and 3000-4999 only.
    socket?.close(code === 1000 || code >= 3000 ? code : CLOSE.protocolError);
  }

  #end(code: number, reason: string): void {
    globalThis.removeEventListener('online', this.#browserOnOnline);
    this.#become({ status: 'ended', code, reason });
  }

  #become(state: SocketState): void {
    this.#state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}
