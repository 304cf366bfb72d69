import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Leases } from '../../../../server/src/rooms/leases.js';
import { MemoryBucket, type BucketView } from '../../../helpers/memory-bucket.js';

let bucket: MemoryBucket;
beforeEach(() => {
  vi.useFakeTimers();
  bucket = new MemoryBucket();
});
afterEach(() => void vi.useRealTimers());

interface Server {
  readonly leases: Leases;
  readonly view: BucketView;
  readonly lost: string[];
}

async function start(server: string): Promise<Server> {
  const view = bucket.view();
  const lost: string[] = [];
  const log = { warn: () => undefined, error: () => undefined };
  const leases = await Leases.open({ bucket: view, server, log });
  leases.onLost((room) => lost.push(room));
  return { leases, view, lost };
}

describe('a lease', () => {
  it('belongs to one server, until that gives it back', async () => {
    const [a, b] = [await start('a'), await start('b')];
    expect(await a.leases.take('room')).toBeUndefined();
    expect(await b.leases.take('room')).toBe('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await b.leases.take('room')).toBe('a');
    await a.leases.release('room');
    expect(await b.leases.take('room')).toBeUndefined();
    expect(await a.leases.take('room')).toBe('b');
  });

  it('of a server that is silent is free after 2 s, and that server learns of it when it is back', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await a.leases.take('room');
    a.view.isCut = true;
    await vi.advanceTimersByTimeAsync(1_900);
    expect(await b.leases.take('room')).toBe('a');
    await vi.advanceTimersByTimeAsync(1_000);
    a.view.isCut = false;
    expect(await b.leases.take('room')).toBeUndefined();
    expect(a.lost).toEqual(['room']);
    expect(await a.leases.take('room')).toBe('b');
  });

  it('stays with its server where the news of others break off, until it is silent', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await a.leases.take('room');
    b.view.isDeaf = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await b.leases.take('room')).toBe('a');
    a.view.isCut = true;
    await vi.advanceTimersByTimeAsync(3_000);
    // The last beat may have come after the last look.
    await b.leases.take('room');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await b.leases.take('room')).toBeUndefined();
  });

  it('that was lost in silence is known as lost when its server is back, even without news', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await a.leases.take('room');
    a.view.isDeaf = true;
    a.view.isCut = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await b.leases.take('room')).toBeUndefined();
    a.view.isCut = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(a.lost).toEqual(['room']);
  });

  it('is taken by one of several servers that want it at once', async () => {
    const servers = await Promise.all(['a', 'b', 'c', 'd'].map(start));
    const owners = await Promise.all(servers.map(({ leases }) => leases.take('room')));
    expect(owners.filter((owner) => owner === undefined)).toHaveLength(1);
    expect(new Set(owners).size).toBe(2);
  });

  it('is free at once when its server stops', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await a.leases.take('room');
    await a.leases.close();
    expect(await b.leases.take('room')).toBeUndefined();
    await b.leases.close();
    expect(bucket.keys).toEqual([]);
  });
});
