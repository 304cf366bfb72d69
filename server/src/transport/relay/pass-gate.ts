import { decodeClientMessage, decodeServerMessage, type ClientMessage } from '@underpaint/shared';

/** What a client may have sent before it knew that its room is on another server: numbers that mean nothing there. */
const STALE: readonly ClientMessage['type'][] = ['frame', 'ack', 'drawing'];

/**
 * Keeps the messages of one conversation out of the next, when a client that stays connected is welcomed again by another
 * server. The client answers a welcome in a room with its vector; everything before that belongs to the old conversation.
 */
export class PassGate {
  #state: 'open' | 'before-welcome' | 'before-vector' = 'open';

  /** A new conversation begins with the next welcome. */
  shut(): void {
    this.#state = 'before-welcome';
  }

  /** Looks at a message to the client. */
  handleFromServer(bytes: Uint8Array): void {
    if (this.#state !== 'before-welcome') return;
    if (decodeServerMessage(bytes)?.type === 'welcome') this.#state = 'before-vector';
  }

  /** Whether a message of the client belongs to the present conversation. */
  passes(bytes: Uint8Array): boolean {
    if (this.#state === 'open') return true;
    if (this.#state === 'before-welcome') return false;
    const message = decodeClientMessage(bytes);
    if (message.type === 'drawing' && message.kind === 'vector') this.#state = 'open';
    return this.#state === 'open' || !STALE.includes(message.type);
  }
}
