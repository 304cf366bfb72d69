import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { StreamClient } from '../stream/stream-client.js';

type Listened = 'statechange' | 'params' | 'statistics' | 'image' | 'streamerror';

interface ClientHost extends ReactiveControllerHost {
  readonly client: StreamClient | null;
}

/** Follows the host's `client` property: the host renders again when the client tells of something it listens to. */
export class ClientController implements ReactiveController {
  readonly #host: ClientHost;
  readonly #events: readonly Listened[];
  readonly #listener: (event: Event) => void;
  #client: StreamClient | null = null;

  constructor(
    host: ClientHost,
    events: readonly Listened[],
    listener: (event: Event) => void = () => host.requestUpdate(),
  ) {
    this.#host = host;
    this.#events = events;
    this.#listener = listener;
    host.addController(this);
  }

  hostUpdate(): void {
    this.#follow(this.#host.client);
  }

  hostConnected(): void {
    this.#follow(this.#host.client);
  }

  hostDisconnected(): void {
    this.#follow(null);
  }

  #follow(client: StreamClient | null): void {
    if (client === this.#client) return;
    for (const name of this.#events) this.#client?.removeEventListener(name, this.#listener);
    for (const name of this.#events) client?.addEventListener(name, this.#listener);
    this.#client = client;
  }
}
