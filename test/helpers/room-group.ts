import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { addressesOf } from '../../server/src/rooms/address.js';
import { RoomClient } from './room-client.js';
import { eventually } from './started.js';

const STROKE_EVERY_MS = 300;
const AGAIN_MS = 150;
const PATIENT_MS = 30_000;

/** The people in one room, who draw all the time, and come back when their connections end. */
export class RoomGroup {
  readonly key = randomBytes(16).toString('base64url');
  readonly #port: number;
  readonly #number: number;
  readonly #docs: Y.Doc[] = [];
  readonly #clients = new Map<Y.Doc, RoomClient>();
  #strokes = 0;
  #frames = 0;
  #isStopped = false;
  #isDrawing = true;
  /** Images of other rooms. */
  strange = 0;

  private constructor(port: number, number: number) {
    this.#port = port;
    this.#number = number;
  }

  /** @param number its own, which marks its pictures */
  static async start(port: number, number: number, members: number): Promise<RoomGroup> {
    const group = new RoomGroup(port, number);
    for (let i = 0; i < members; i++) {
      const doc = new Y.Doc();
      group.#docs.push(doc);
      void group.#stay(doc, i === 0 ? 'owner' : 'editor');
      await eventually(() => group.#clients.has(doc), PATIENT_MS);
      void group.#draw(doc);
    }
    return group;
  }

  get id(): string {
    return addressesOf(this.key)[0]!.id;
  }

  /** Nobody draws for a while. Fails unless all strokes reach everybody, and somebody who comes new. */
  async check(): Promise<void> {
    this.#isDrawing = false;
    const hasAll = (doc: Y.Doc) => doc.getArray('marks').length === this.#strokes;
    await eventually(() => this.#docs.every(hasAll), PATIENT_MS);
    let visitor: RoomClient | undefined;
    await eventually(async () => Boolean((visitor = await this.#join(new Y.Doc(), 'editor'))), PATIENT_MS);
    await eventually(() => hasAll(visitor!.doc), PATIENT_MS);
    visitor!.close();
    this.#isDrawing = true;
  }

  stop(): void {
    this.#isStopped = true;
    for (const client of this.#clients.values()) client.close();
  }

  async #stay(doc: Y.Doc, role: 'owner' | 'editor'): Promise<void> {
    for (; !this.#isStopped; await sleep(AGAIN_MS)) {
      const client = await this.#join(doc, role);
      if (!client) continue;
      this.#clients.set(doc, client);
      await client.wire.untilClosed();
    }
  }

  async #join(doc: Y.Doc, role: 'owner' | 'editor'): Promise<RoomClient | undefined> {
    return RoomClient.join(this.#port, { room: this.key, role }, doc).catch(() => undefined);
  }

  async #draw(doc: Y.Doc): Promise<void> {
    for (; !this.#isStopped; await sleep(STROKE_EVERY_MS)) {
      if (!this.#isDrawing) continue;
      doc.getArray('marks').push([Uint8Array.of(this.#number, ++this.#strokes % 256)]);
      const client = this.#clients.get(doc)!;
      client.sendFrame(++this.#frames, new Uint8Array(500).fill(this.#frames % 256).fill(this.#number, 0, 1));
      for (const { data } of client.wire.all('image')) if (data[0] !== this.#number) this.strange += 1;
      client.wire.received.length = 0;
    }
  }
}
