import { DrawingReader, splitDrawing, type DrawingKind, type DrawingMessage } from '@underpaint/shared';
import * as Y from 'yjs';

/**
 * A client's end of a shared drawing: keeps a document equal to the server's. On every connection both sides send a
 * state vector and answer the other's; from then on each change is sent at once.
 */
export class DrawingPeer {
  readonly doc: Y.Doc;
  readonly #send: (message: DrawingMessage) => void;
  #reader = new DrawingReader(Infinity);
  #received = 0;
  #hasAnswered = false;
  #hasUnsent = false;

  constructor(doc: Y.Doc, send: (message: DrawingMessage) => void) {
    this.doc = doc;
    this.#send = send;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      if (this.#hasAnswered) this.send('update', update);
      else this.#hasUnsent = true;
    });
  }

  /** Payloads of the drawing that arrived on this connection. */
  get received(): number {
    return this.#received;
  }

  /** Whether both sides have told each other all they had. */
  get isSynced(): boolean {
    return this.#hasAnswered && this.#received > 0;
  }

  /** A connection has opened. */
  open(): void {
    this.send('vector', Y.encodeStateVector(this.doc));
  }

  /** The connection has closed. */
  close(): void {
    this.#reader = new DrawingReader(Infinity);
    this.#received = 0;
    this.#hasAnswered = false;
  }

  /** @returns `arrived` for changes by others; `delivered` if the server now has changes made here earlier */
  handle(message: DrawingMessage): 'arrived' | 'delivered' | undefined {
    const payload = this.#reader.read(message);
    if (!(payload instanceof Uint8Array)) return undefined;
    if (message.kind === 'vector') return this.#answer(payload);
    this.#received += 1;
    Y.applyUpdate(this.doc, payload, this);
    return 'arrived';
  }

  send(kind: DrawingKind, data: Uint8Array): void {
    for (const message of splitDrawing(kind, data)) this.#send(message);
  }

  #answer(vector: Uint8Array): 'delivered' | undefined {
    const hadUnsent = this.#hasUnsent;
    this.#hasAnswered = true;
    this.#hasUnsent = false;
    this.send('state', Y.encodeStateAsUpdate(this.doc, vector));
    return hadUnsent ? 'delivered' : undefined;
  }
}
