import type { ImageMessage, ServerMessage } from '@underpaint/shared';
import { expect } from 'vitest';
import { settled } from './fakes.js';
import type { MemoryPeer } from './memory-peer.js';

/** A client that checks that it never receives a forbidden message. */
export class FakeClient {
  readonly #who: number;
  readonly #connect: () => MemoryPeer;
  /** The content of each frame, from `seq` 1 on. */
  readonly #frames: number[] = [];
  /** How each frame ended. */
  readonly #ends = new Map<number, string[]>();
  #peer: MemoryPeer;
  #resume = '';
  #seen = 0;
  #version = 0;
  #shown: ImageMessage | undefined;
  #unacknowledged: number[] = [];
  #everResumed = false;
  #everFailed = false;
  #isOpen = true;

  constructor(who: number, connect: () => MemoryPeer) {
    this.#who = who;
    this.#connect = connect;
    this.#peer = connect();
    this.#peer.say({ type: 'hello' });
    this.#read();
  }

  sendFrame(): void {
    this.#send((this.#frames.at(-1) ?? 0) + 1);
  }

  sendSameFrame(): void {
    this.#send(this.#frames.at(-1) ?? 1);
  }

  /** Sends the picture before the last one, in other bytes. */
  undo(): void {
    this.#send(this.#frames.at(-2) ?? 1, this.#frames.length + 1);
  }

  changeParams(): void {
    if (this.#isOpen) this.#peer.say({ type: 'params', params: { seed: Date.now() + this.#version } });
    this.#read();
  }

  /** Acknowledges the newest image. */
  acknowledge(): void {
    this.#read();
    const id = this.#unacknowledged.pop();
    this.#unacknowledged = [];
    if (id !== undefined && this.#isOpen) this.#peer.say({ type: 'ack', id });
  }

  disconnect(): void {
    this.#read();
    if (this.#isOpen) this.#peer.end();
    this.#isOpen = false;
  }

  /** Reconnects, also while the server has not noticed that the old connection is dead. */
  async resume(): Promise<void> {
    this.#read();
    const [old, wasOpen] = [this.#peer, this.#isOpen];
    this.#unacknowledged = [];
    this.#everResumed = this.#isOpen = true;
    this.#peer = this.#connect();
    this.#seen = 0;
    this.#peer.say({ type: 'hello', resume: this.#resume });
    await settled();
    if (wasOpen) {
      expect(old.closed?.code).toBe(4009);
      old.end();
    }
    this.#read();
  }

  /** Checks the outcome, when nothing is under way any more. */
  check(): void {
    this.#read();
    const seqs = this.#frames.map((_, i) => i + 1);
    if (!this.#isOpen || seqs.length === 0) return;
    // A frame's end may be lost with its connection; the newest frame's never is.
    if (!this.#everResumed) expect(seqs.map((seq) => this.#ends.get(seq)?.length ?? 0)).toEqual(seqs.map(() => 1));
    expect(this.#ends.get(seqs.length) ?? this.#shown?.seq).toBeDefined();
    if (this.#everFailed) return;
    // The current picture shows the last frame, with the last parameters.
    expect(this.#shown?.data[1]).toBe(this.#frames.at(-1)! % 256);
    expect(this.#shown?.version).toBe(this.#version);
  }

  #send(picture: number, variant = 0): void {
    this.#read();
    if (!this.#isOpen) return;
    this.#frames.push(picture);
    const seq = this.#frames.length;
    this.#peer.say({ type: 'frame', seq, data: Uint8Array.of(this.#who, picture, variant) });
    this.#read();
  }

  #read(): void {
    while (this.#seen < this.#peer.sent.length) this.#handle(this.#peer.sent[this.#seen++]!);
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#resume = message.resume;
        return expect(message.lastSeq).toBe(this.#frames.length);
      case 'params':
        this.#version = message.version;
        return;
      case 'image':
        return this.#handleImage(message);
      case 'dropped':
        // The newest frame is never dropped for another.
        if (message.reason === 'replaced') expect(message.seq).toBeLessThan(this.#frames.length);
        return this.#end(message.seq, message.reason);
      case 'error':
        this.#everFailed = true;
        if (message.seq !== undefined) this.#end(message.seq, message.code);
        return;
      default:
        throw new Error(`a client that did nothing wrong was told ${message.type}`);
    }
  }

  #handleImage(image: ImageMessage): void {
    const { id, seq, data, reason, final } = image;
    expect([...data.slice(0, 2)]).toEqual([this.#who, this.#frames[seq - 1]! % 256]);
    expect(seq).toBeGreaterThanOrEqual(this.#shown?.seq ?? 0);
    expect(image.version).toBeGreaterThanOrEqual(this.#shown?.version ?? 0);
    if (!final && reason === 'frame') expect(this.#ends.has(seq)).toBe(false);
    if (final && reason === 'frame') this.#end(seq, 'image');
    this.#unacknowledged.push(id);
    this.#shown = image;
  }

  #end(seq: number, how: string): void {
    this.#ends.set(seq, [...(this.#ends.get(seq) ?? []), how]);
  }
}
