import { describe, expect, it, vi } from 'vitest';
import { Batcher } from '../../../server/src/turns/batcher.js';
import type { FrameSource } from '../../../server/src/turns/frame-source.js';

class FakeSource implements FrameSource {
  constructor(
    readonly name: string,
    public ready: number | null,
    public since: number,
    readonly weight = 1,
    public background = false,
  ) {}
  readyAt = () => this.ready;
  waitingSince = () => this.since;
  isBackground = () => this.background;
}

const never = new AbortController().signal;

async function next(batcher: Batcher<FakeSource>): Promise<FakeSource> {
  await batcher.untilReady(never);
  return batcher.poll()!;
}

describe('Batcher', () => {
  it('serves the source that has waited longest, whatever the order of offers', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 100 });
    for (const source of [new FakeSource('b', 0, 20), new FakeSource('a', 0, 10), new FakeSource('c', 0, 30)]) {
      batcher.offer(source);
    }
    const order = [await next(batcher), await next(batcher), await next(batcher)];
    expect(order.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('waits for a source when none is ready', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    batcher.offer(new FakeSource('nothing waits', null, 0));
    const served = next(batcher);
    batcher.offer(new FakeSource('late', 0, 5));
    expect((await served).name).toBe('late');
  });

  it('holds back a source until its time has come', async () => {
    vi.useFakeTimers();
    const batcher = new Batcher<FakeSource>({ now: () => Date.now() });
    batcher.offer(new FakeSource('limited', Date.now() + 40, 0));
    const served = vi.fn();
    void next(batcher).then(served);
    await vi.advanceTimersByTimeAsync(39);
    expect(served).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(served).toHaveBeenCalled();
    vi.useRealTimers();
  });

  it('forgets a source that was removed', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const gone = new FakeSource('gone', 0, 0);
    batcher.offer(gone);
    batcher.remove(gone);
    const served = next(batcher);
    batcher.offer(new FakeSource('here', 0, 1));
    expect((await served).name).toBe('here');
  });

  it('rejects when it is aborted, and can be asked again', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const aborter = new AbortController();
    const waiting = batcher.untilReady(aborter.signal);
    aborter.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    const again = next(batcher);
    batcher.offer(new FakeSource('x', 0, 0));
    expect((await again).name).toBe('x');
  });

  it('shares by cost and weight, not by turns', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const sources = [
      new FakeSource('dear', 0, 0),
      new FakeSource('cheap', 0, 0),
      new FakeSource('two shares', 0, 0, 2),
    ];
    const costs = { dear: 8, cheap: 2, 'two shares': 2 } as Record<string, number>;
    const spent: Record<string, number> = {};
    for (let i = 0; i < 700; i++) {
      for (const source of sources) batcher.offer(source);
      const { name } = await next(batcher).then((source) => (batcher.charge(source, costs[source.name]!), source));
      spent[name] = (spent[name] ?? 0) + costs[name]!;
    }
    expect(spent['dear']! / spent['cheap']!).toBeCloseTo(1, 1);
    expect(spent['two shares']! / spent['cheap']!).toBeCloseTo(2, 1);
  });

  it('saves up nothing for a source that was away', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const busy = new FakeSource('busy', 0, 0);
    for (let i = 0; i < 50; i++) {
      batcher.offer(busy);
      batcher.charge(await next(batcher), 10);
    }
    const back = new FakeSource('back', 0, 0);
    const order: string[] = [];
    for (let i = 0; i < 4; i++) {
      batcher.offer(busy);
      batcher.offer(back);
      const source = await next(batcher);
      batcher.charge(source, 10);
      order.push(source.name);
    }
    expect(order.filter((name) => name === 'back')).toHaveLength(2);
  });

  it('takes no turn from a source because others are more expensive', () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const costs = { cheap: 1, a: 100, b: 100, c: 100 } as Record<string, number>;
    const sources = Object.keys(costs).map((name, since) => new FakeSource(name, 0, since));
    for (const source of sources) batcher.offer(source);
    const order: string[] = [];
    // One runs while the next is chosen, so nobody has two turns in a row.
    let running: FakeSource | undefined;
    for (let i = 0; i < 80; i++) {
      const next = batcher.poll()!;
      batcher.charge(next, costs[next.name]!);
      order.push(next.name);
      if (running) {
        batcher.offer(running);
        batcher.end(running);
      }
      running = next;
    }
    expect(order.filter((name) => name === 'cheap').length).toBeGreaterThan(35);
  });

  it('gives a source that pauses after a frame no turns for the pause', () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const [busy, pausing] = [new FakeSource('busy', 0, 0), new FakeSource('pausing', 0, 1)];
    const serve = () => {
      const source = batcher.poll()!;
      batcher.charge(source, 10);
      batcher.end(source);
      batcher.offer(busy);
      return source.name;
    };
    batcher.offer(busy);
    batcher.offer(pausing);
    for (let i = 0; i < 50; i++) serve();
    batcher.offer(pausing);
    const order = [serve(), serve(), serve()];
    expect(order.filter((name) => name === 'pausing')).toHaveLength(1);
    batcher.offer(pausing);
    expect([serve(), serve()].filter((name) => name === 'pausing')).toHaveLength(1);
  });

  it('serves the background only when nobody else is ready', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    batcher.offer(new FakeSource('background', 0, 0, 1, true));
    batcher.offer(new FakeSource('wanted', 0, 99));
    expect([(await next(batcher)).name, (await next(batcher)).name]).toEqual(['wanted', 'background']);
  });

  it('counts ready sources and drawing ones, and says when the next one is ready', () => {
    const batcher = new Batcher<FakeSource>({ now: () => 10 });
    const [a, b] = [new FakeSource('a', 0, 0), new FakeSource('b', 0, 1)];
    for (const source of [a, b, new FakeSource('later', 25, 0), new FakeSource('idle', 0, 0, 1, true)])
      batcher.offer(source);
    expect(batcher.census()).toEqual({ ready: 2, drawing: 3, nextInMs: 15 });
    batcher.poll();
    expect(batcher.census()).toEqual({ ready: 1, drawing: 3, nextInMs: 15 });
    batcher.offer(a);
    batcher.poll();
    batcher.end(a);
    batcher.remove(b);
    // Another frame of a still runs.
    expect(batcher.census()).toMatchObject({ ready: 0, drawing: 2 });
  });

  it('tells its watcher of every change', () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const seen: number[] = [];
    batcher.watch(() => seen.push(batcher.census().drawing));
    const source = new FakeSource('a', 0, 0);
    batcher.offer(source);
    batcher.poll();
    batcher.end(source);
    expect(seen).toEqual([1, 1, 0]);
  });
});
