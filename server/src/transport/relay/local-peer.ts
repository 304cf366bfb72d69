import type { Peer, PeerListener } from '../peer.js';

/** A client as this server sees it while it serves the client itself. */
export class LocalPeer implements Peer {
  listener: PeerListener | undefined;
  hasHello = false;
  helloAtMs: number | undefined;
  readonly #peer: Peer;
  readonly #onSend: (bytes: Uint8Array) => void;
  #isDetached = false;

  /** @param onSend called with every message to the client */
  constructor(peer: Peer, onSend: (bytes: Uint8Array) => void) {
    this.#peer = peer;
    this.#onSend = onSend;
  }

  get address(): string {
    return this.#peer.address;
  }

  get receivedBytes(): number {
    return this.#peer.receivedBytes;
  }

  get partialBytes(): number {
    return this.#peer.partialBytes;
  }

  get sentBytes(): number {
    return this.#peer.sentBytes;
  }

  get waitingBytes(): number {
    return this.#peer.waitingBytes;
  }

  listen(listener: PeerListener): void {
    this.listener = listener;
  }

  send(bytes: Uint8Array, onSent?: () => void): void {
    if (this.#isDetached) return;
    this.#onSend(bytes);
    this.#peer.send(bytes, onSent);
  }

  ping(): void {
    if (!this.#isDetached) this.#peer.ping();
  }

  close(code: number, reason: string): void {
    if (!this.#isDetached) this.#peer.close(code, reason);
  }

  terminate(): void {
    if (!this.#isDetached) this.#peer.terminate();
  }

  /** Another server serves the client from now on; for this one, it is as if the client had left. */
  detach(): void {
    this.#isDetached = true;
    this.listener?.handleClose();
  }
}
