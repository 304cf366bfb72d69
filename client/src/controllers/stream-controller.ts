import type { ParamsPatch } from '@underpaint/shared';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { StreamClient, type StreamClientOptions } from '../stream/stream-client.js';

interface StreamHost extends ReactiveControllerHost {
  /** Address of the service; relative ones are taken from the page's. */
  readonly server: string;
  readonly initialParams: ParamsPatch;
  readonly tokenProvider: StreamClientOptions['tokenProvider'] | null;
}

/** Owns the host's connection: made when the host enters the page, closed when it leaves. */
export class StreamController implements ReactiveController {
  readonly #host: StreamHost;
  #client: StreamClient | null = null;
  #server = '';

  constructor(host: StreamHost) {
    this.#host = host;
    host.addController(this);
  }

  get client(): StreamClient | null {
    return this.#client;
  }

  hostUpdate(): void {
    if (this.#client !== null && this.#server === this.#host.server) return;
    this.#client?.close();
    this.#server = this.#host.server;
    const { tokenProvider, initialParams } = this.#host;
    this.#client = new StreamClient({
      url: socketUrl(this.#server),
      params: initialParams,
      client: 'underpaint-studio',
      ...(tokenProvider ? { tokenProvider } : {}),
    });
    this.#client.addEventListener('statechange', () => this.#host.requestUpdate());
    this.#client.connect();
  }

  hostDisconnected(): void {
    this.#client?.close();
    this.#client = null;
  }
}

/** `https://host/base/` and `ws` make `wss://host/base/ws`. */
export function socketUrl(server: string): URL {
  const url = new URL(server, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}
