import { CLOSE } from '@underpaint/shared';
import type { Peer, PeerListener } from '../peer.js';
import type { ClientFacts, OwnerLink, ToOwner } from './messages.js';

interface Sending {
  readonly bytes: number;
  readonly onSent: (() => void) | undefined;
}

/** A client of another gateway, which relays its messages. */
export class RelayedPeer implements Peer {
  readonly address: string;
  readonly helloAtMs: number;
  readonly #link: OwnerLink;
  readonly #sending: Sending[] = [];
  #receivedBytes = 0;
  #sentBytes = 0;
  #waitingBytes = 0;
  #partialBytes = 0;
  #isClosing = false;
  #isOver = false;

  constructor(link: OwnerLink, { address, helloAtMs }: ClientFacts) {
    this.#link = link;
    this.address = address;
    this.helloAtMs = helloAtMs;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get partialBytes(): number {
    return this.#partialBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  listen(listener: PeerListener): void {
    this.#link.onMessage((message) => this.#handleMessage(message, listener));
    this.#link.onEnd(() => {
      this.#isOver = true;
      this.#waitingBytes = 0;
      for (const { onSent } of this.#sending.splice(0)) onSent?.();
      listener.handleClose();
    });
  }

  send(data: Uint8Array, onSent?: () => void): void {
    if (this.#isOver || this.#isClosing) {
      if (onSent) queueMicrotask(onSent);
      return;
    }
    this.#sending.push({ bytes: data.length, onSent });
    this.#waitingBytes += data.length;
    this.#link.send({ type: 'send', data });
  }

  ping(): void {
    this.#link.send({ type: 'ping' });
  }

  /**
   * The other gateway ends the link when the client has answered. A client need not know of a restart: its gateway finds the
   * next server of the room.
   */
  close(code: number, reason: string): void {
    this.#isClosing = true;
    if (code === CLOSE.restart) return this.#link.close();
    this.#link.send({ type: 'close', code, reason });
  }

  terminate(): void {
    this.#isClosing = true;
    this.#link.send({ type: 'terminate' });
    this.#link.close();
  }

  #handleMessage(message: ToOwner, listener: PeerListener): void {
    switch (message.type) {
      case 'message':
        this.#receivedBytes += message.data.length;
        this.#partialBytes = 0;
        if (!this.#isClosing) listener.handleMessage(message.data, message.isBinary);
        return;
      case 'sent':
        return this.#handleSent();
      case 'heard':
        this.#receivedBytes = Math.max(this.#receivedBytes, message.bytes);
        this.#partialBytes = message.partialBytes;
    }
  }

  #handleSent(): void {
    const sent = this.#sending.shift();
    if (!sent) return;
    this.#waitingBytes -= sent.bytes;
    this.#sentBytes += sent.bytes;
    sent.onSent?.();
  }
}
