import { ChunkReader, toChunks, type DocMessage, type HelloMessage, type ServerMessage } from '@underpaint/shared';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import { TestClient } from './test-client.js';

/** One who draws in a room: a document that is kept equal to the server's, over a real socket. */
export class RoomClient {
  readonly doc: Y.Doc;
  /** Payloads of the drawing that came on this connection. */
  received = 0;
  readonly #reader = new ChunkReader(Infinity);
  #clock = 0;

  private constructor(
    readonly wire: Awaited<ReturnType<typeof TestClient.live>>,
    doc: Y.Doc,
  ) {
    this.doc = doc;
    for (const message of wire.received) this.#handle(message);
    wire.onMessage = (message) => this.#handle(message);
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.sendDoc('update', update);
    });
    this.sendDoc('vector', Y.encodeStateVector(doc));
  }

  static async join(port: number, hello: Omit<HelloMessage, 'type' | 'doc'>, doc = new Y.Doc()): Promise<RoomClient> {
    const client = new RoomClient(await TestClient.live(port, { ...hello, doc: doc.clientID }), doc);
    await client.wire.until('doc', ({ kind }) => kind === 'state');
    return client;
  }

  get room() {
    return this.wire.welcome.room!;
  }

  get marks(): Y.Array<Uint8Array> {
    return this.doc.getArray('marks');
  }

  draw(...bytes: number[]): void {
    this.marks.push([Uint8Array.from(bytes)]);
  }

  sendDoc(kind: DocMessage['kind'], data: Uint8Array): void {
    for (const message of toChunks(kind, data)) this.wire.send(message);
  }

  /** A frame that shows everything drawn so far. */
  sendFrame(seq: number, data = new Uint8Array(100).fill(seq)): void {
    this.wire.send({ type: 'frame', seq, data, doc: this.received });
  }

  sendPresence(state: object, client = this.doc.clientID): void {
    this.wire.send({ type: 'presence', data: presence(client, ++this.#clock, state) });
  }

  /** Waits until the document has so many marks. */
  async untilMarks(count: number): Promise<void> {
    while (this.marks.length < count) await this.wire.next();
  }

  /** Waits until so many messages of a type came. */
  async untilMessages(type: ServerMessage['type'], count: number): Promise<void> {
    while (this.wire.all(type).length < count) await this.wire.next();
  }

  close(): void {
    this.wire.close();
  }

  #handle(message: ServerMessage): void {
    if (message.type !== 'doc') return;
    const payload = this.#reader.read(message);
    if (!(payload instanceof Uint8Array)) return;
    if (message.kind === 'vector') return this.sendDoc('state', Y.encodeStateAsUpdate(this.doc, payload));
    this.received += 1;
    Y.applyUpdate(this.doc, payload, this);
  }
}

/** An awareness update of y-protocols about one client. */
export function presence(client: number, clock: number, state: object): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, 1);
  writeVarUint(encoder, client);
  writeVarUint(encoder, clock);
  writeVarString(encoder, JSON.stringify(state));
  return toUint8Array(encoder);
}
