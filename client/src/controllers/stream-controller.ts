import type { ParamsPatch } from '@underpaint/shared';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { RoomLink } from '../stream/room-link.js';
import { StreamClient, type TokenProvider } from '../stream/stream-client.js';

interface StreamHost extends ReactiveControllerHost {
  /** Address of the service. */
  readonly address: string;
  readonly initialParams: ParamsPatch;
  readonly tokenProvider: TokenProvider | null;
  /** The room it is about; null for none, undefined while that is not known. */
  readonly roomLink: RoomLink | null | undefined;
}

/** Owns the host's connection: made when the host enters the page, closed when it leaves. */
export class StreamController implements ReactiveController {
  readonly #host: StreamHost;
  #client: StreamClient | null = null;
  #address = '';
  #room: RoomLink | null | undefined = null;

  constructor(host: StreamHost) {
    this.#host = host;
    host.addController(this);
  }

  get client(): StreamClient | null {
    return this.#client;
  }

  /** A host that was moved on the page updates itself only when it is told to. */
  hostConnected(): void {
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    const { address, roomLink } = this.#host;
    if (this.#client !== null && this.#address === address && this.#room === roomLink) return;
    this.#client?.close();
    this.#client = null;
    this.#address = address;
    this.#room = roomLink;
    if (roomLink === undefined) return;
    this.#client = new StreamClient({
      url: this.#address,
      params: this.#host.initialParams,
      client: 'underpaint-studio',
      // A page may set its provider after the element is there: what counts is the one there is when it is asked.
      tokenProvider: () => this.#host.tokenProvider?.(),
      ...(roomLink === null ? {} : { room: roomLink }),
    });
    this.#client.addEventListener('statechange', () => this.#host.requestUpdate());
    this.#client.connect();
  }

  hostDisconnected(): void {
    this.#client?.close();
    this.#client = null;
  }
}
