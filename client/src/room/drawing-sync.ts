import { DrawingReader, splitDrawing, type DrawingKind, type DrawingMessage } from '@underpaint/shared';
import * as Y from 'yjs';

/**
 * Effect of a message. `arrived`: changes by other people. `delivered`: the server has now all changes made here.
 * `fresh`: the server's drawing is empty.
 */
export type SyncOutcome = 'arrived' | 'delivered' | 'fresh';

/** An update without content. */
const EMPTY_UPDATE = Y.encodeStateAsUpdate(new Y.Doc());

/**
 * Keeps a Yjs document equal to the server's. On every connection both sides send a state vector and answer the other's
 * with the missing changes. After that each change is sent at once. So changes made offline merge like any others.
 */
export class DrawingSync {
  readonly #document: Y.Doc;
  readonly #send: (message: DrawingMessage) => boolean;
  #reader = new DrawingReader(Infinity);
  #received = 0;
  #hasAnswered = false;

  constructor(document: Y.Doc, send: (message: DrawingMessage) => boolean) {
    this.#document = document;
    this.#send = send;
    document.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this && this.#hasAnswered) this.#sendAll('update', update);
    });
  }

  /** Number of payloads of the drawing that arrived on this connection. */
  get received(): number {
    return this.#received;
  }

  /** Whether both sides have exchanged everything they had at the start of the connection. */
  get isSynced(): boolean {
    return this.#hasAnswered && this.#received > 0;
  }

  start(): void {
    this.stop();
    this.#sendAll('vector', Y.encodeStateVector(this.#document));
  }

  /** Holds changes back until the server asks again, because it would reject them now. */
  pause(): void {
    this.#hasAnswered = false;
  }

  stop(): void {
    this.pause();
    this.#received = 0;
    this.#reader = new DrawingReader(Infinity);
  }

  receive(message: DrawingMessage): SyncOutcome | null {
    const payload = this.#reader.read(message);
    if (!(payload instanceof Uint8Array)) return null;
    if (message.kind === 'vector') return this.#answer(payload);
    this.#received += 1;
    Y.applyUpdate(this.#document, payload, this);
    return 'arrived';
  }

  #answer(vector: Uint8Array): SyncOutcome | null {
    const missing = Y.encodeStateAsUpdate(this.#document, vector);
    // A state vector says nothing about deletions, so the update always contains all of them.
    const isNews = missing.length > EMPTY_UPDATE.length;
    this.#hasAnswered = !isNews || this.#sendAll('state', missing);
    if (isNews) return this.#hasAnswered ? 'delivered' : null;
    return vector[0] === 0 ? 'fresh' : null;
  }

  #sendAll(kind: DrawingKind, data: Uint8Array): boolean {
    return splitDrawing(kind, data).every((message) => this.#send(message));
  }
}
