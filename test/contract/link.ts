import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { LinkEnd } from '../../server/src/inference/link/link.js';

/** The action that a message of the contract asks of the peer in link-peer.mjs. */
export interface Ask {
  readonly ask: 'echo' | 'send' | 'count' | 'close' | 'send and close';
  readonly value?: unknown;
  readonly count?: number;
  readonly bytes?: number;
}

/** A link whose messages are those of the contract. */
export interface TestLink {
  readonly queued: number;
  send(message: Ask): void;
  onMessage(listener: (message: Answer) => void): void;
  onEnd(listener: (end: LinkEnd) => void): void;
  close(): void;
}

export interface Answer {
  readonly value?: unknown;
  readonly index?: number;
  readonly received?: number;
  readonly data?: Uint8Array;
}

/** A gateway's end whose other end answers as link-peer.mjs does. */
export interface Linked {
  readonly link: TestLink;
  /** Makes the other end stop reading, as a process that is stopped. */
  readonly stall: () => void;
  /** Ends the other end without a goodbye, as a crash does. */
  readonly crash: () => void;
  /** Resolves when the other end has noticed the end. */
  readonly peerEnded: () => Promise<unknown>;
}

/** Messages that a link under test may queue. */
export const TEST_MAX_QUEUED = 40;

/** The rules of `Link`, for any link. */
export function linkContract(name: string, open: () => Linked): void {
  describe(`a link over ${name}`, () => {
    let linked: Linked;
    afterEach(() => linked.link.close());

    /** Opens a link and collects its messages; `ends` counts how often the end was reported. */
    function start() {
      linked = open();
      const { link } = linked;
      const messages: Answer[] = [];
      const ends: LinkEnd[] = [];
      link.onMessage((message) => messages.push(message));
      const ended = new Promise<void>((resolve) => {
        link.onEnd((end) => {
          ends.push(end);
          resolve();
        });
      });
      const until = async (count: number) => {
        while (messages.length < count) {
          if (ends.length > 0) throw new Error(`the link ended after ${messages.length} messages: ${ends[0]!.how}`);
          await sleep(2);
        }
      };
      return { ...linked, messages, ends, ended, until };
    }

    it('1. carries messages both ways in order', async () => {
      const { link, messages, until } = start();
      for (let value = 0; value < 30; value++) link.send({ ask: 'echo', value });
      await until(30);
      expect(messages.map(({ value }) => value)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    });

    it('1. keeps bytes and structure intact', async () => {
      const { link, messages, until } = start();
      const value = {
        bytes: Uint8Array.from({ length: 70_000 }, (_, i) => i % 251),
        text: 'ä🎨',
        none: undefined,
        n: 0.1,
      };
      link.send({ ask: 'echo', value });
      await until(1);
      expect(messages[0]!.value).toEqual(value);
      expect(messages[0]!.value).toHaveProperty('bytes.buffer.byteLength');
    });

    it('1. copies a message when it is sent', async () => {
      const { link, messages, until } = start();
      const value = new Uint8Array(1_000).fill(7);
      link.send({ ask: 'echo', value });
      value.fill(9);
      await until(1);
      expect(messages[0]!.value).toEqual(new Uint8Array(1_000).fill(7));
    });

    it('1. carries part of a larger buffer as exactly that part', async () => {
      const { link, messages, until } = start();
      link.send({ ask: 'echo', value: new Uint8Array(100).fill(1).fill(5, 40, 60).subarray(40, 60) });
      await until(1);
      expect(messages[0]!.value).toEqual(new Uint8Array(20).fill(5));
    });

    it('1. carries messages of 16 MiB', async () => {
      const { link, messages, until } = start();
      const value = new Uint8Array(16 * 1024 * 1024).fill(3);
      value[value.length - 1] = 4;
      link.send({ ask: 'echo', value });
      await until(1);
      expect(Buffer.compare(messages[0]!.value as Uint8Array, value)).toBe(0);
    });

    it('1. keeps messages that arrive before there is a listener', async () => {
      linked = open();
      linked.link.send({ ask: 'echo', value: 'early' });
      await sleep(300);
      const messages: Answer[] = [];
      linked.link.onMessage((message) => messages.push(message));
      while (messages.length === 0) await sleep(2);
      expect(messages).toEqual([{ value: 'early' }]);
    });

    it('2. delivers all messages sent before a close, however large, and then the end', async () => {
      const { link, messages, ends, ended } = start();
      link.send({ ask: 'send and close', count: 20, bytes: 1_000_000 });
      await ended;
      expect(messages.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect(messages.every(({ data, index }) => data!.length === 1_000_000 && data!.at(-1) === index)).toBe(true);
      expect(ends).toHaveLength(1);
    });

    it('3. reports the end once when the other end closes', async () => {
      const { link, ends, ended } = start();
      link.send({ ask: 'close' });
      await ended;
      link.close();
      await sleep(50);
      expect(ends).toEqual([{ how: expect.any(String) as string, output: '' }]);
    });

    it('3. reports the end once, at both ends, when this end closes', async () => {
      const { link, ends, ended, until, peerEnded } = start();
      link.send({ ask: 'echo' });
      await until(1);
      link.close();
      link.close();
      await ended;
      await peerEnded();
      await sleep(50);
      expect(ends).toHaveLength(1);
    });

    it('3. reports the end once when the other end crashes', async () => {
      const { link, ends, ended, until, crash } = start();
      link.send({ ask: 'echo' });
      await until(1);
      crash();
      await ended;
      await sleep(50);
      expect(ends).toHaveLength(1);
    });

    it('3. reports an end from before there was a listener', async () => {
      linked = open();
      linked.link.send({ ask: 'close' });
      await sleep(500);
      await new Promise<LinkEnd>((resolve) => linked.link.onEnd(resolve));
    });

    it('4. delivers nothing after its own close', async () => {
      const { link, messages, ended } = start();
      link.send({ ask: 'send', count: 20, bytes: 100_000 });
      const arrived = new Promise<void>((resolve) =>
        link.onMessage((message) => {
          messages.push(message);
          link.close();
          resolve();
        }),
      );
      await arrived;
      await ended;
      await sleep(50);
      expect(messages).toHaveLength(1);
    });

    it('4. ignores messages sent after the end', async () => {
      const { link, messages, ended } = start();
      link.send({ ask: 'close' });
      await ended;
      for (let i = 0; i < 2 * TEST_MAX_QUEUED; i++) link.send({ ask: 'echo' });
      await sleep(50);
      expect(messages).toEqual([]);
      expect(link.queued).toBe(0);
    });

    it('5. says how many messages wait, and empties its queue when the other end reads', async () => {
      const { link, until } = start();
      link.send({ ask: 'echo' });
      await until(1);
      for (let i = 0; i < 10; i++) link.send({ ask: 'count', value: new Uint8Array(1_000_000) });
      expect(link.queued).toBeGreaterThan(0);
      await until(11);
      while (link.queued > 0) await sleep(2);
    });

    it('5. ends when the other end stops reading', async () => {
      const { link, ends, ended, until, stall } = start();
      link.send({ ask: 'echo' });
      await until(1);
      stall();
      for (let i = 0; i < 10; i++) link.send({ ask: 'count', value: new Uint8Array(1_000_000) });
      await sleep(100);
      expect(ends).toEqual([]);
      for (let i = 0; i < TEST_MAX_QUEUED; i++) link.send({ ask: 'count', value: new Uint8Array(1_000_000) });
      await ended;
      expect(ends).toEqual([{ how: 'it stopped reading its messages', output: '' }]);
    });
  });
}
