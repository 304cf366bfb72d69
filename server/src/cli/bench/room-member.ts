import {
  decodeServerMessage,
  encodeMessage,
  SUBPROTOCOL,
  UploadRule,
  type ClientMessage,
  type ImageMessage,
  type RoomSummary,
} from '@underpaint/shared';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { DrawingPeer } from './drawing-peer.js';

export interface RoomMemberOptions {
  readonly url: string;
  /** Key of the room. */
  readonly room: string;
  /** `owner` makes the room. */
  readonly role?: 'owner';
}

/** A member of a room that draws, uploads and watches like a page. */
export class RoomMember {
  readonly doc = new Y.Doc();
  onImage: (image: ImageMessage) => void = () => undefined;
  /** Bytes of the messages with changes of others. */
  changeBytes = 0;
  readonly #rule = new UploadRule();
  #isUploadDue = false;
  readonly #socket: WebSocket;
  readonly #peer = new DrawingPeer(this.doc, (message) => this.#send(message));
  #room: RoomSummary | undefined;
  #seq = 0;
  #clock = 0;

  private constructor({ url, room, role }: RoomMemberOptions) {
    this.#socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
    const hello = { type: 'hello', room, author: this.doc.clientID } as const;
    this.#socket.on('open', () => this.#send(role ? { ...hello, role } : hello));
  }

  /** Connects and waits until it has the drawing. */
  static open(options: RoomMemberOptions): Promise<RoomMember> {
    return new Promise((resolve, reject) => {
      const member = new RoomMember(options);
      member.#socket.on('message', (bytes: Buffer) => {
        member.#handle(bytes);
        if (member.#peer.received > 0) resolve(member);
      });
      member.#socket.on('error', reject);
      member.#socket.on('close', (code) => reject(new Error(`the server closed a member with ${code}`)));
    });
  }

  get room(): RoomSummary {
    return this.#room!;
  }

  get strokes(): Y.Array<Uint8Array> {
    return this.doc.getArray('marks');
  }

  /** Draws a stroke. */
  draw(stroke: Uint8Array): void {
    this.strokes.push([stroke]);
    this.#rule.edited(performance.now());
    this.#isUploadDue = true;
  }

  /** Whether a frame is due by the rule that all members follow. Then it is no longer due. */
  takeUpload(): boolean {
    const isDue = this.#isUploadDue;
    this.#isUploadDue = false;
    return isDue;
  }

  sendFrame(data: Uint8Array): void {
    this.#send({ type: 'frame', seq: ++this.#seq, data, drawn: this.#peer.received });
  }

  /** Says where its pointer is. */
  point(x: number, y: number): void {
    const encoder = createEncoder();
    for (const number of [1, this.doc.clientID, ++this.#clock]) writeVarUint(encoder, number);
    writeVarString(encoder, JSON.stringify({ name: 'somebody', cursor: [x, y] }));
    this.#send({ type: 'presence', data: toUint8Array(encoder) });
  }

  /** Stops reading, as a page in a tunnel does. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }

  #handle(bytes: Buffer): void {
    const message = decodeServerMessage(bytes);
    switch (message?.type) {
      case 'welcome':
        this.#room = message.room;
        return this.#peer.open();
      case 'drawing':
        if (message.kind === 'update') this.changeBytes += bytes.length;
        if (this.#peer.handle(message) && this.#rule.arrived(performance.now())) this.#isUploadDue = true;
        return;
      case 'upload':
        this.#isUploadDue = true;
        return;
      case 'image':
        this.#send({ type: 'ack', id: message.id });
        return this.onImage(message);
      case 'error':
        throw new Error(`the server refused something: ${message.message}`);
      default:
    }
  }

  #send(message: ClientMessage): void {
    this.#socket.send(encodeMessage(message));
  }
}
