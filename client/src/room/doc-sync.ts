import { ChunkReader, toChunks, type DocKind, type DocMessage } from '@underpaint/shared';
import * as Y from 'yjs';

/** What a message brought about: others' changes, that own ones made before are delivered, or that there are none at all. */
export type SyncOutcome = 'arrived' | 'delivered' | 'fresh';

/** An update that holds nothing. */
const NOTHING = Y.encodeStateAsUpdate(new Y.Doc());

/**
 * Keeps a document equal to the server's. On every connection both say what they have by a state vector and answer the
 * other's with what that one lacks; from then on each change goes out as it is made. So what was changed without a
 * connection is merged like anything else.
 */
export class DocSync {
  readonly #doc: Y.Doc;
  readonly #send: (message: DocMessage) => boolean;
  #reader = new ChunkReader(Infinity);
  #received = 0;
  #hasAnswered = false;

  constructor(doc: Y.Doc, send: (message: DocMessage) => boolean) {
    this.#doc = doc;
    this.#send = send;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this && this.#hasAnswered) this.#sendAll('update', update);
    });
  }

  /** How many payloads of the drawing came on this connection. */
  get received(): number {
    return this.#received;
  }

  /** Whether both sides have told each other all they had. */
  get isSynced(): boolean {
    return this.#hasAnswered && this.#received > 0;
  }

  start(): void {
    this.stop();
    this.#sendAll('vector', Y.encodeStateVector(this.#doc));
  }

  /** Changes wait until the server asks again: it would not take them now. */
  pause(): void {
    this.#hasAnswered = false;
  }

  stop(): void {
    this.pause();
    this.#received = 0;
    this.#reader = new ChunkReader(Infinity);
  }

  receive(message: DocMessage): SyncOutcome | null {
    const payload = this.#reader.read(message);
    if (!(payload instanceof Uint8Array)) return null;
    if (message.kind === 'vector') return this.#answer(payload);
    this.#received += 1;
    Y.applyUpdate(this.#doc, payload, this);
    return 'arrived';
  }

  #answer(vector: Uint8Array): SyncOutcome | null {
    const lacking = Y.encodeStateAsUpdate(this.#doc, vector);
    // A vector says nothing of what was deleted: all of that is always told.
    const isNews = lacking.length > NOTHING.length;
    this.#hasAnswered = !isNews || this.#sendAll('state', lacking);
    if (isNews) return this.#hasAnswered ? 'delivered' : null;
    return vector[0] === 0 ? 'fresh' : null;
  }

  #sendAll(kind: DocKind, data: Uint8Array): boolean {
    return toChunks(kind, data).every((message) => this.#send(message));
  }
}
