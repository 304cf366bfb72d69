import { CLOSE, FINAL_CLOSE_CODES, SUBPROTOCOL } from '@underpaint/shared';
import { fullJitterMs } from './backoff.js';
import { isLocalNetworkDenied } from './local-network.js';
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

/** The `code` of an ended socket that never connected, because its address is not valid. */
export const BAD_ADDRESS = 0;
/** The `code` of an ended socket that the browser does not let into the local network. */
const BLOCKED = 1;

interface SocketEvents {
  statechange: Event;
  message: MessageEvent<ArrayBuffer>;
}

/** `WebSocket.OPEN`, where there may be no `WebSocket`. */
const OPEN = 1;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A WebSocket that reconnects by itself, with full jitter, until the server closes it with a final code.
 * The browser's `navigator.onLine` is only a hint. While it is false the socket goes on trying, because a server on the
 * same machine is still reachable. The `online` event triggers the next try at once.
 */
export class ReconnectingSocket extends TypedEventTarget<SocketEvents> {
  readonly #url: string | URL;
  #state: SocketState = { status: 'idle' };
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #atLeastMs = 0;
  #hasOpened = false;

  constructor(url: string | URL) {
    super();
    this.#url = url;
  }

  get state(): SocketState {
    return this.#state;
  }

  open(): void {
    if (this.#socket !== null || this.#state.status === 'reconnecting' || this.#state.status === 'offline') return;
    globalThis.addEventListener?.('online', this.#browserOnOnline);
    this.#attempt = 0;
    this.#connect();
  }

  /** Sends if the socket is open. @returns false if it is not; the bytes are not kept */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(bytes);
    return true;
  }

  /** The server answered as expected: the next failure counts as the first. */
  settled(): void {
    this.#attempt = 0;
  }

  /** Makes the next reconnection wait at least this long, because the server asked for it. */
  waitAtLeast(ms: number): void {
    this.#atLeastMs = ms;
  }

  retryNow(): void {
    if (this.#state.status !== 'reconnecting' && this.#state.status !== 'offline') return;
    this.#connect();
  }

  close(): void {
    this.#detach(1000);
    globalThis.removeEventListener?.('online', this.#browserOnOnline);
    this.#become({ status: 'idle' });
  }

  /** Drops this connection and tries again after a pause, as after any other loss. */
  restart(): void {
    this.#socket?.close();
  }

  /** Closes for good: the server does not speak the protocol. */
  abort(code: number, reason: string): void {
    this.#detach(code);
    this.#end(code, reason);
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#atLeastMs = 0;
    this.#become({ status: 'connecting' });
    const socket = this.#create();
    if (socket === null) return;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#socketOnOpen(socket));
    socket.addEventListener('message', (event: MessageEvent) => this.#socketOnMessage(socket, event));
    socket.addEventListener('close', (event) => this.#socketOnClose(socket, event));
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), CONNECT_TIMEOUT_MS);
  }

  /** @returns null if the address is not valid, or a browser forbids it on this page */
  #create(): WebSocket | null {
    try {
      return new WebSocket(socketUrl(this.#url).href, SUBPROTOCOL);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const hint = `Use an address such as https://example.org/ (${why})`;
      this.#end(BAD_ADDRESS, `Cannot connect to "${String(this.#url)}". ${hint}`);
      return null;
    }
  }

  #socketOnOpen(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#hasOpened = true;
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
    if (!this.#hasOpened) void this.#endIfBlocked();
    if (globalThis.navigator?.onLine !== false) {
      this.#become({ status: 'reconnecting', attempt: this.#attempt, retryAt: Date.now() + delayMs });
    } else {
      this.#become({ status: 'offline' });
    }
  }

  /** A browser that blocks a connection gives no reason. It would be tried for ever. */
  async #endIfBlocked(): Promise<void> {
    const isDenied = await isLocalNetworkDenied();
    const { status } = this.#state;
    if (!isDenied || this.#hasOpened || (status !== 'reconnecting' && status !== 'offline')) return;
    clearTimeout(this.#timer);
    this.#end(BLOCKED, 'the browser does not let this page into the local network');
  }

  #browserOnOnline = (): void => this.retryNow();

  #detach(code: number): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    // A page may only use 1000 and 3000 to 4999.
    socket?.close(code === 1000 || code >= 3000 ? code : CLOSE.protocolError);
  }

  #end(code: number, reason: string): void {
    globalThis.removeEventListener?.('online', this.#browserOnOnline);
    this.#become({ status: 'ended', code, reason });
  }

  #become(state: SocketState): void {
    this.#state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}
