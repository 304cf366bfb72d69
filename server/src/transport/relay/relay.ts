import type { Peer } from '../peer.js';
import type { ClientLink, FromOwner } from './messages.js';

export interface RelayOptions {
  readonly peer: Peer;
  readonly link: ClientLink;
  /** Called with every message to the client. */
  readonly onSend: (bytes: Uint8Array) => void;
  /** The server that has the room has gone without closing the client's connection. */
  readonly onLost: () => void;
}

const LOOK_MS = 1_000;

/** A client of this server that another one serves: passes everything on, both ways. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #lookTimer: NodeJS.Timeout;
  #heardBytes = 0;
  #isClosed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { link } = options;
    this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
    link.onMessage((message) => this.#handleMessage(message));
    link.onEnd(() => this.#linkOnEnd());
  }

  /** Passes a message of the client on. */
  say(data: Uint8Array, isBinary: boolean): void {
    this.#options.link.send({ type: 'message', data, isBinary });
  }

  /** The client has gone. */
  end(): void {
    this.#isClosed = true;
    clearInterval(this.#lookTimer);
    this.#options.link.close();
  }

  #handleMessage(message: FromOwner): void {
    const { peer, link, onSend } = this.#options;
    switch (message.type) {
      case 'send':
        onSend(message.data);
        return peer.send(message.data, () => link.send({ type: 'sent' }));
      case 'ping':
        return peer.ping();
      case 'close':
        this.#isClosed = true;
        return peer.close(message.code, message.reason);
      case 'terminate':
        this.#isClosed = true;
        return peer.terminate();
    }
  }

  /** Any byte from the client shows that it lives. */
  #look(): void {
    const { receivedBytes: bytes, partialBytes } = this.#options.peer;
    if (bytes === this.#heardBytes) return;
    this.#heardBytes = bytes;
    this.#options.link.send({ type: 'heard', bytes, partialBytes });
  }

  #linkOnEnd(): void {
    clearInterval(this.#lookTimer);
    if (!this.#isClosed) this.#options.onLost();
  }
}
