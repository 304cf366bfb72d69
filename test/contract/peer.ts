import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Peer, PeerListener } from '../../server/src/transport/peer.js';

/** The other side of a peer, in the hands of a test. */
export interface FarSide {
  say(bytes: Uint8Array, isBinary?: boolean): void;
  /** Begins a message and never sends the rest. */
  sayPart(bytes: Uint8Array): void;
  /** Closes cleanly. */
  close(): void;
  /** Disappears without a close. */
  vanish(): void;
  /** Stops answering. */
  freeze(): void;
  /** Messages that it received. */
  readonly received: readonly Uint8Array[];
  /** How the peer closed. */
  readonly closed: { readonly code: number; readonly reason: string } | undefined;
}

export interface PeerPair {
  readonly peer: Peer;
  readonly far: FarSide;
  readonly end: () => Promise<void>;
}

/** Writes down what a peer reports. */
class Listener implements PeerListener {
  readonly messages: { readonly data: Uint8Array; readonly isBinary: boolean }[] = [];
  closes = 0;
  handleMessage = (data: Uint8Array, isBinary: boolean) =>
    void this.messages.push({ data: Uint8Array.from(data), isBinary });
  handleError = () => undefined;
  handleClose = () => void (this.closes += 1);
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const soon = { timeout: 5_000, interval: 5 };

/** The rules for every transport. */
export function peerContract(name: string, open: () => Promise<PeerPair>): void {
  describe(`a peer over ${name}`, () => {
    let pair: PeerPair;
    let peer: Peer;
    let far: FarSide;
    let listener: Listener;
    beforeEach(async () => {
      pair = await open();
      ({ peer, far } = pair);
      listener = new Listener();
      peer.listen(listener);
    });
    afterEach(() => pair.end());
    const until = (isSo: () => void) => vi.waitFor(isSo, soon);

    it('has the address of the other side', () => {
      expect(peer.address).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
    });

    it('reports whole messages, in order, with their kind', async () => {
      far.say(bytes(3));
      far.say(new TextEncoder().encode('text'), false);
      far.say(bytes(70_000));
      await until(() => expect(listener.messages).toHaveLength(3));
      expect(listener.messages.map(({ data, isBinary }) => [data.length, isBinary])).toEqual([
        [3, true],
        [4, false],
        [70_000, true],
      ]);
      expect(listener.messages[0]!.data).toEqual(bytes(3));
    });

    it('sends messages in order and reports when they are sent, later', async () => {
      const sent: number[] = [];
      for (const length of [1, 70_000, 2]) peer.send(bytes(length), () => sent.push(length));
      expect(sent).toEqual([]);
      await until(() => expect(far.received.map(({ length }) => length)).toEqual([1, 70_000, 2]));
      expect(sent).toEqual([1, 70_000, 2]);
      expect([...far.received[2]!]).toEqual([0, 1]);
    });

    it('counts the bytes each way', async () => {
      const [received, sent] = [peer.receivedBytes, peer.sentBytes];
      far.say(bytes(1_000));
      peer.send(bytes(2_000));
      await until(() => expect(peer.receivedBytes - received).toBeGreaterThanOrEqual(1_000));
      await until(() => expect(peer.sentBytes - sent).toBeGreaterThanOrEqual(2_000));
      await until(() => expect(peer.waitingBytes).toBe(0));
    });

    it('knows of a message that is not complete, and of one that is', async () => {
      far.say(bytes(10));
      await until(() => expect(listener.messages).toHaveLength(1));
      expect(peer.partialBytes).toBe(0);
      far.sayPart(bytes(500));
      await until(() => expect(peer.partialBytes).toBeGreaterThanOrEqual(500));
      expect(listener.messages).toHaveLength(1);
    });

    it('hears an answer to a ping, which is no part of a message', async () => {
      const received = peer.receivedBytes;
      peer.ping();
      await until(() => expect(peer.receivedBytes).toBeGreaterThan(received));
      await until(() => expect(peer.partialBytes).toBe(0));
      expect(listener.messages).toEqual([]);
    });

    it('closes with a code and a reason, and reports the end once, later', async () => {
      peer.close(1008, 'no reason');
      expect(listener.closes).toBe(0);
      await until(() => expect(far.closed).toEqual({ code: 1008, reason: 'no reason' }));
      await until(() => expect(listener.closes).toBe(1));
    });

    it('reports no message after it has closed', async () => {
      peer.close(1000, '');
      far.say(bytes(3));
      await until(() => expect(listener.closes).toBe(1));
      expect(listener.messages).toEqual([]);
    });

    it('cuts a reason that is too long, in whole characters', async () => {
      peer.close(1008, 'é'.repeat(200));
      await until(() => expect(far.closed).toBeDefined());
      expect(far.closed!.reason).toMatch(/^é{10,}$/);
    });

    it('reports the end of the other side once, in good order or not', async () => {
      far.close();
      await until(() => expect(listener.closes).toBe(1));
      peer.terminate();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(listener.closes).toBe(1);
    });

    it('reports that the other side vanished', async () => {
      far.vanish();
      await until(() => expect(listener.closes).toBe(1));
    });

    it('ends at once when it is terminated, also if the other side no longer answers', async () => {
      far.freeze();
      peer.close(1000, '');
      peer.terminate();
      expect(listener.closes).toBe(0);
      await until(() => expect(listener.closes).toBe(1));
    });

    it('does nothing after its end, and still calls back for a message that it will not send', async () => {
      far.vanish();
      await until(() => expect(listener.closes).toBe(1));
      const sent = new EventTarget();
      const told = once(sent, 'sent');
      peer.send(bytes(1), () => void sent.dispatchEvent(new Event('sent')));
      peer.send(bytes(1));
      peer.ping();
      peer.close(1000, '');
      peer.terminate();
      await told;
      expect(listener.closes).toBe(1);
    });
  });
}
