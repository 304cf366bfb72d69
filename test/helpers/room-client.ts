import type { HelloMessage, ServerMessage } from '@underpaint/shared';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import { DocPeer } from '../../server/src/cli/bench/doc-peer.js';
import { TestClient, type TestClientOptions } from './test-client.js';

/** A member who draws in a room, over a real socket. */
export class RoomClient {
  readonly doc: Y.Doc;
  readonly peer: DocPeer;
  #clock = 0;

  private constructor(
    readonly wire: Awaited<ReturnType<typeof TestClient.live>>,
    doc: Y.Doc,
  ) {
    this.doc = doc;
    this.peer = new DocPeer(doc, (message) => wire.send(message));
    this.peer.open();
    for (const message of wire.received) this.#handle(message);
    wire.onMessage = (message) => this.#handle(message);
  }

  static async join(
    port: number,
    hello: Omit<HelloMessage, 'type' | 'doc'>,
    doc = new Y.Doc(),
    options: TestClientOptions = {},
  ): Promise<RoomClient> {
    const client = new RoomClient(await TestClient.live(port, { ...hello, doc: doc.clientID }, options), doc);
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

  /** A frame that shows everything drawn so far. */
  sendFrame(seq: number, data = new Uint8Array(100).fill(seq)): void {
    this.wire.send({ type: 'frame', seq, data, doc: this.peer.received });
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
    if (message.type === 'doc') this.peer.handle(message);
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
