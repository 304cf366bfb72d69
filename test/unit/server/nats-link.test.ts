import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NatsLink } from '../../../server/src/inference/link/nats/nats-link.js';
import { decodeParcel } from '../../../server/src/inference/link/nats/parcels.js';
import { MemoryBroker } from '../../helpers/memory-broker.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Text = { readonly text: string };

/** Both ends of a link over a broker that can lose messages. */
async function open() {
  const broker = new MemoryBroker();
  const received: string[] = [];
  const ends: string[] = [];
  const gateway = new NatsLink<Text, Text>({ broker, id: 'a', end: 'gateway' });
  const worker = new NatsLink<Text, Text>({ broker, id: 'a', end: 'worker' });
  worker.onMessage(({ text }) => received.push(text));
  for (const link of [gateway, worker]) link.onEnd(({ how }) => ends.push(how));
  await vi.advanceTimersByTimeAsync(10);
  return { broker, gateway, worker, received, ends };
}

/** Loses the parcel of this number, the first time. */
function losing(number: number): (subject: string, bytes: Uint8Array) => boolean {
  let isLost = false;
  return (_, bytes) => {
    const parcel = decodeParcel(bytes);
    if (isLost || parcel?.number !== number || !/part|last/.test(parcel.kind)) return false;
    return (isLost = true);
  };
}

describe('a link over a broker that loses messages', () => {
  it('ends when one between others is missing, and delivers none after it', async () => {
    const { broker, gateway, received, ends } = await open();
    broker.isLost = losing(2);
    for (const text of ['one', 'two', 'three']) gateway.send({ text });
    await vi.advanceTimersByTimeAsync(100);
    expect(received).toEqual(['one']);
    expect(ends).toEqual(['messages were lost', 'it closed the link']);
  });

  it('ends within a beat when the last one is missing', async () => {
    const { broker, gateway, received, ends } = await open();
    broker.isLost = losing(2);
    for (const text of ['one', 'two']) gateway.send({ text });
    await vi.advanceTimersByTimeAsync(600);
    expect(received).toEqual(['one']);
    expect(ends).toHaveLength(2);
  });

  it('ends when the other end is silent for 2.5 s', async () => {
    const { broker, ends } = await open();
    broker.isLost = () => true;
    await vi.advanceTimersByTimeAsync(2_400);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(700);
    expect(ends).toEqual(Array(2).fill('it sent nothing for 2500 ms'));
  });
});

describe('a link over a broker', () => {
  it('ends at once when nobody is at the other end', async () => {
    const broker = new MemoryBroker();
    const ends: string[] = [];
    new NatsLink<Text, Text>({ broker, id: 'a', end: 'worker' }).onEnd(({ how }) => ends.push(how));
    await vi.advanceTimersByTimeAsync(10);
    expect(ends).toEqual(['its process is gone']);
  });

  it('sends no more than 4 MiB ahead of a reader', async () => {
    const { broker, gateway } = await open();
    let bytes = 0;
    broker.isLost = (subject, { length }) => {
      if (subject.endsWith('.worker')) bytes += length;
      return subject.endsWith('.gateway');
    };
    for (let i = 0; i < 20; i++) gateway.send({ text: 'x'.repeat(500_000) });
    await vi.advanceTimersByTimeAsync(100);
    expect(bytes).toBeGreaterThan(3_900_000);
    expect(bytes).toBeLessThan(4.01 * 1_024 * 1_024);
    gateway.close();
  });

  it('ends, and no other, when its listener throws', async () => {
    const { gateway, worker, ends } = await open();
    worker.onMessage(() => {
      throw new Error('a fault');
    });
    gateway.send({ text: 'one' });
    await expect(vi.advanceTimersByTimeAsync(10)).rejects.toThrow('a fault');
    expect(ends).toContain('a message cannot be used');
  });
});
