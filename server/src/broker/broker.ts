import type { Bucket } from './bucket.js';

/** A message that a broker delivered. */
export interface BrokerMessage {
  /** Shares its memory with other messages: copy what is kept. */
  readonly bytes: Uint8Array;
  /** Instead of an answer: nobody listened to the message that asked for one. */
  readonly isUndelivered: boolean;
}

/**
 * A connection to a message broker, as the rest of the server sees it. Messages of one sender on one subject arrive in
 * order. Some are lost when a connection breaks; it is made again in the background.
 */
export interface Broker {
  /** Bytes of one message at most. */
  readonly maxPayload: number;
  /**
   * Sends bytes later, without a copy: they must not change any more.
   *
   * @param replyTo subject that hears at once if nobody listens to the other one
   */
  publish(subject: string, bytes: Uint8Array, replyTo?: string): void;
  /** @returns ends the subscription */
  subscribe(subject: string, listener: (message: BrokerMessage) => void): () => void;
  /**
   * Opens a bucket, or makes it; undefined if the broker keeps nothing.
   *
   * @param keptMs a value that is not written again is forgotten after this time; by default never
   */
  openBucket(name: string, keptMs?: number): Promise<Bucket | undefined>;
  /** Sends what is queued, then closes the connection. */
  close(): Promise<void>;
}
