import type { ParamsPatch } from '@underpaint/shared';
import type { TokenProvider } from '../stream/handshake.js';
import { StreamClient } from '../stream/stream-client.js';
import type { StreamLink } from '../stream/stream-link.js';
import { NearController, type NearHost } from './near-controller.js';
import { ResourceController } from './resource-controller.js';

interface StreamHost extends NearHost {
  readonly tokenProvider: TokenProvider | null;
}

interface StreamControllerOptions {
  /** Address of the service. */
  readonly address: () => string;
  readonly initialParams: () => ParamsPatch;
  /** The room's link; null to draw alone, undefined while the room is being opened. */
  readonly link: () => StreamLink | null | undefined;
}

/** Owns the host's connection: it exists while the host is in the document and, if the host waits for that, near the screen. */
export class StreamController extends ResourceController<StreamHost, [address: string, link: StreamLink | null]> {
  readonly #options: StreamControllerOptions;
  readonly #near: NearController;
  #client: StreamClient | null = null;

  constructor(host: StreamHost, options: StreamControllerOptions) {
    super(host);
    this.#options = options;
    this.#near = new NearController(host);
  }

  get client(): StreamClient | null {
    return this.#client;
  }

  protected wanted(): [address: string, link: StreamLink | null] | null {
    const link = this.#near.isNear ? this.#options.link() : undefined;
    return link === undefined ? null : [this.#options.address(), link];
  }

  protected acquire(address: string, link: StreamLink | null): () => void {
    const client = new StreamClient({
      url: address,
      params: this.#options.initialParams(),
      program: 'underpaint-studio',
      // The page may set its provider late: the current one is called.
      tokenProvider: () => this.host.tokenProvider?.(),
      ...(link === null ? {} : { link }),
    });
    this.#client = client;
    client.addEventListener('statechange', () => this.host.requestUpdate());
    // Frameworks set properties one after the other. By the next task all of them are set, `server` too.
    const timer = setTimeout(() => client.connect());
    return () => {
      clearTimeout(timer);
      client.close();
      this.#client = null;
      this.host.requestUpdate();
    };
  }
}
