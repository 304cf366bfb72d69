import type { StreamClient } from '../stream/stream-client.js';
import type { StreamClientEvents } from '../stream/stream-events.js';
import type { AttachedHost } from './attached-controller.js';
import { ResourceController } from './resource-controller.js';

interface ClientHost extends AttachedHost {
  readonly client: StreamClient | null;
}

type ClientListeners = { readonly [Name in keyof StreamClientEvents]?: (event: StreamClientEvents[Name]) => void };

/** Listens to the host's `client`. */
export class ClientController extends ResourceController<ClientHost, [StreamClient]> {
  readonly #listeners: [keyof StreamClientEvents, EventListener][];

  constructor(host: ClientHost, listeners: ClientListeners) {
    super(host);
    this.#listeners = Object.entries(listeners) as [keyof StreamClientEvents, EventListener][];
  }

  /** Updates the host on each of these events. */
  static updates(host: ClientHost, ...names: readonly (keyof StreamClientEvents)[]): ClientController {
    const update = () => host.requestUpdate();
    return new ClientController(host, Object.fromEntries(names.map((name) => [name, update])));
  }

  protected wanted(): [StreamClient] | null {
    const { client } = this.host;
    return client && [client];
  }

  protected acquire(client: StreamClient): () => void {
    for (const [name, listener] of this.#listeners) client.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of this.#listeners) client.removeEventListener(name, listener);
    };
  }
}
