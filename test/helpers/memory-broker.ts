import type { Broker, BrokerMessage } from '../../server/src/broker/broker.js';

/** A broker within a test, which delivers later, and can lose messages. */
export class MemoryBroker implements Broker {
  readonly maxPayload = 65_536;
  /** Decides which messages are lost. */
  isLost: (subject: string, bytes: Uint8Array) => boolean = () => false;
  readonly #listeners = new Map<string, Set<(message: BrokerMessage) => void>>();

  publish(subject: string, bytes: Uint8Array, replyTo?: string): void {
    if (this.isLost(subject, bytes)) return;
    setImmediate(() => {
      if (this.#deliver(subject, { bytes, isUndelivered: false }) || replyTo === undefined) return;
      this.#deliver(replyTo, { bytes: new Uint8Array(0), isUndelivered: true });
    });
  }

  subscribe(subject: string, listener: (message: BrokerMessage) => void): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  #deliver(subject: string, message: BrokerMessage): boolean {
    const listeners = [...(this.#listeners.get(subject) ?? [])];
    for (const listener of listeners) listener(message);
    return listeners.length > 0;
  }

  openBucket(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
