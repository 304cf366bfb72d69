import type { HelloMessage, ServerMessage } from '@underpaint/shared';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import { DrawingPeer } from '../../server/src/cli/bench/drawing-peer.js';
import { TestClient, type TestClientOptions } from './test-client.js';

/** A member of a room, over a real socket. */
export class RoomClient {
  readonly doc: Y.Doc;
  readonly peer: DrawingPeer;
  #clock = 0;

  private constructor(
    readonly wire: Awaited<ReturnType<typeof TestClient.live>>,
    doc: Y.Doc,
  ) {
    this.doc = doc;
    this.peer = new DrawingPeer(doc, (message) => wire.send(message));
    this.peer.open();
    for (const message of wire.received) this.#handle(message);
    wire.onMessage = (message) => this.#handle(message);
  }

  static async join(
    port: number,
    hello: Omit<HelloMessage, 'type' | 'author'>,
    doc = new Y.Doc(),
    options: TestClientOptions = {},
  ): Promise<RoomClient> {
    const client = new RoomClient(await TestClient.live(port, { ...hello, author: doc.clientID }, options), doc);
    await client.wire.until('drawing', ({ kind }) => kind === 'state');
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
    this.wire.send({ type: 'frame', seq, data, drawn: this.peer.received });
  }

  sendPresence(state: object, author = this.doc.clientID): void {
    this.wire.send({ type: 'presence', data: presence(author, ++this.#clock, state) });
  }

  /** Waits until the document has a number of marks. */
  async untilMarks(count: number): Promise<void> {
    while (this.marks.length < count) await this.wire.next();
  }

  /** Waits until a number of messages of a type came. */
  async untilMessages(type: ServerMessage['type'], count: number): Promise<void> {
    while (this.wire.all(type).length < count) await this.wire.next();
  }

  /** Waits until it was welcomed so often: again, when its room has moved to another server. */
  async untilWelcomes(count: number): Promise<void> {
    while (this.wire.all('welcome').length < count && !this.wire.closed) await this.wire.next();
  }

  close(): void {
    this.wire.close();
  }

  #handle(message: ServerMessage): void {
    if (message.type === 'drawing') this.peer.handle(message);
    if (message.type !== 'welcome' || message === this.wire.welcome) return;
    this.peer.close();
    this.peer.open();
  }
}

/** An awareness update of y-protocols about one author. */
export function presence(author: number, clock: number, state: object): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, 1);
  writeVarUint(encoder, author);
  writeVarUint(encoder, clock);
  writeVarString(encoder, JSON.stringify(state));
  return toUint8Array(encoder);
}
