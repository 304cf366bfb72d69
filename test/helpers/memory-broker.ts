import type { Broker, BrokerMessage } from '../../server/src/broker/broker.js';

/** A broker within a test, which delivers later, and can lose messages. */
export class MemoryBroker implements Broker {
  readonly maxPayload = 65_536;
  /** Decides which messages are lost. */
  isLost: (subject: string, bytes: Uint8Array) => boolean = () => false;
  readonly #listeners = new Map<string, (message: BrokerMessage) => void>();

  publish(subject: string, bytes: Uint8Array, replyTo?: string): void {
    if (this.isLost(subject, bytes)) return;
    setImmediate(() => {
      const listener = this.#listeners.get(subject);
      if (listener) return listener({ bytes, isUndelivered: false });
      const asker = replyTo === undefined ? undefined : this.#listeners.get(replyTo);
      asker?.({ bytes: new Uint8Array(0), isUndelivered: true });
    });
  }

  subscribe(subject: string, listener: (message: BrokerMessage) => void): () => void {
    this.#listeners.set(subject, listener);
    return () => void this.#listeners.delete(subject);
  }

  openBucket(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
