import { describe, expect, it, vi } from 'vitest';
import { Batcher, type FrameSource } from '../../../server/src/batcher.js';

class FakeSource implements FrameSource {
  constructor(
    readonly name: string,
    public ready: number | null,
    public since: number,
  ) {}
  readyAt = () => this.ready;
  waitingSince = () => this.since;
}

const never = new AbortController().signal;

describe('Batcher', () => {
  it('serves the source that has waited longest, whatever the order of offers', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 100 });
    for (const source of [new FakeSource('b', 0, 20), new FakeSource('a', 0, 10), new FakeSource('c', 0, 30)]) {
      batcher.offer(source);
    }
    const order = [await batcher.next(never), await batcher.next(never), await batcher.next(never)];
    expect(order.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('waits for a source when none is ready', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    batcher.offer(new FakeSource('nothing waits', null, 0));
    const next = batcher.next(never);
    batcher.offer(new FakeSource('late', 0, 5));
    expect((await next).name).toBe('late');
  });

  it('holds back a source until its time has come', async () => {
    vi.useFakeTimers();
    const batcher = new Batcher<FakeSource>({ now: () => Date.now() });
    batcher.offer(new FakeSource('limited', Date.now() + 40, 0));
    const served = vi.fn();
    void batcher.next(never).then(served);
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
    const next = batcher.next(never);
    batcher.offer(new FakeSource('here', 0, 1));
    expect((await next).name).toBe('here');
  });

  it('rejects when it is aborted, and can be asked again', async () => {
    const batcher = new Batcher<FakeSource>({ now: () => 0 });
    const aborter = new AbortController();
    const next = batcher.next(aborter.signal);
    aborter.abort(new Error('stop'));
    await expect(next).rejects.toThrow('stop');
    const again = batcher.next(never);
    batcher.offer(new FakeSource('x', 0, 0));
    expect((await again).name).toBe('x');
  });
});
