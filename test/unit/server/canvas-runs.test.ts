import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claim } from '../../../server/src/canvas/frames.js';
import { FrameError } from '../../../server/src/errors.js';
import type { RenderedImage } from '../../../server/src/inference/contract.js';
import { rendered } from '../../helpers/fakes.js';
import { enterSession, frame, render, told, type TestSession } from '../../helpers/test-session.js';

let t: TestSession;
beforeEach(async () => {
  t = await enterSession({ canvas: { depth: () => 3, maxFramesPerSecond: 1_000 } });
  // The time of a run is known.
  t.session.handleMessage(frame(1));
  const first = t.canvas.take()!;
  t.clock.ms += 30;
  t.canvas.deliver(first, rendered());
  t.channel.acknowledge(1);
});

/** Sends a frame and claims it. */
function claim(seq: number): Claim {
  t.session.handleMessage(frame(seq));
  t.clock.ms = t.canvas.readyAt()!;
  const claimed = t.canvas.take()!;
  claimed.cancel = vi.fn();
  return claimed;
}

const seqs = () => t.channel.images.map(({ seq }) => seq);
const dropped = () => told(t).flatMap((m) => (m.type === 'dropped' ? [[m.seq, m.reason]] : []));

describe('several runs of one canvas', () => {
  it('are as many as the depth, at even distances', () => {
    const starts = [2, 3, 4].map((seq) => {
      claim(seq);
      return t.clock.ms;
    });
    expect(starts[1]! - starts[0]!).toBeCloseTo((0.75 * 30) / 3);
    expect(starts[2]! - starts[1]!).toBeCloseTo((0.75 * 30) / 3);
    t.session.handleMessage(frame(5));
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('wait for the first one, until the time of a run is known', async () => {
    t = await enterSession({ canvas: { depth: () => 3 } });
    claim(1);
    t.session.handleMessage(frame(2));
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('give their images in order', () => {
    const claims = [2, 3, 4].map(claim);
    for (const one of claims) t.canvas.deliver(one, rendered());
    expect(seqs().slice(0, 3)).toEqual([1, 2, 3]);
    expect(dropped()).toEqual([]);
  });

  it('that are overtaken are cancelled, and their frames dropped', () => {
    const [older, newer, newest] = [2, 3, 4].map(claim) as [Claim, Claim, Claim];
    t.canvas.deliver(newer, rendered());
    t.canvas.deliver(older, rendered());
    expect(older.cancel).toHaveBeenCalledOnce();
    t.canvas.deliver(newest, rendered());
    expect(seqs()).toEqual([1, 3, 4]);
    expect(dropped()).toEqual([[2, 'replaced']]);
  });

  it('fail one by one', () => {
    const [older, newer] = [2, 3].map(claim) as [Claim, Claim];
    t.canvas.fail(newer, new FrameError('worker-failed', 'gone', { retryable: true }));
    t.canvas.deliver(older, rendered());
    expect(seqs()).toEqual([1, 2]);
    expect(told(t)).toEqual([{ type: 'error', code: 'worker-failed', message: 'gone', retryable: true, seq: 3 }]);
  });

  it('end their own frame when newer parameters overtake it', () => {
    const older = claim(2);
    t.session.handleMessage({ type: 'params', params: { seed: 5 } });
    t.clock.ms = t.canvas.readyAt()!;
    t.canvas.deliver(t.canvas.take()!, rendered());
    expect(older.cancel).toHaveBeenCalledOnce();
    expect(t.channel.images.at(-1)).toMatchObject({ seq: 2, reason: 'frame', version: 1 });
    expect(dropped()).toEqual([]);
  });

  it('show no preview after which an older image would come', () => {
    const [older, newer] = [2, 3].map(claim) as [Claim, Claim];
    t.canvas.deliverPreview(newer, rendered());
    expect(seqs()).toEqual([1]);
    t.canvas.deliver(older, rendered());
    t.channel.acknowledge(2);
    t.canvas.deliverPreview(newer, rendered());
    expect(t.channel.images.at(-1)).toMatchObject({ seq: 3, final: false });
  });

  it('are all cancelled when nobody watches any more', () => {
    const claims = [2, 3].map(claim);
    t.channel.close(1000, 'bye');
    for (const { cancel } of claims) expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('a frame like the one on the screen', () => {
  const alike = (): RenderedImage => ({ ...rendered(), fingerprint: Uint8Array.of(7) });

  beforeEach(() => {
    t.canvas.deliver(claim(2), alike());
    t.channel.acknowledge(2);
  });

  it('ends the runs of the frames before it, which the screen would go back from', () => {
    const [other, again] = [3, 4].map(claim) as [Claim, Claim];
    t.canvas.deliverNone(again, 'unchanged');
    expect(other.cancel).toHaveBeenCalledOnce();
    expect(dropped()).toEqual([
      [3, 'replaced'],
      [4, 'unchanged'],
    ]);
  });

  it('does the same if it has the same bytes', () => {
    const other = claim(3);
    t.session.handleMessage(frame(4, 2));
    t.clock.ms = t.canvas.readyAt()!;
    expect(t.canvas.take()).toBeUndefined();
    expect(other.cancel).toHaveBeenCalledOnce();
    expect(dropped()).toEqual([
      [3, 'replaced'],
      [4, 'unchanged'],
    ]);
  });

  it('is rendered after all if the screen has changed since', () => {
    const [other, again] = [3, 4].map(claim) as [Claim, Claim];
    t.canvas.deliver(other, alike());
    t.canvas.deliverNone(again, 'unchanged');
    expect(dropped()).toEqual([]);
    render(t);
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  it('is dropped for a newer one that waits, if the screen has changed since', () => {
    const [other, again] = [3, 4].map(claim) as [Claim, Claim];
    t.session.handleMessage(frame(5));
    t.canvas.deliver(other, alike());
    t.canvas.deliverNone(again, 'unchanged');
    expect(dropped()).toEqual([[4, 'replaced']]);
    render(t);
    expect(seqs()).toEqual([1, 2, 3, 5]);
  });
});

describe('the next frame, while one person has the device', () => {
  /** As of a device that has a frame at a time: 4 ms to decode, 40 to run, 6 to encode. */
  const timing = { decodeMs: 4, inferMs: 40, encodeMs: 6 };
  const delivered = (claimed: Claim) => t.canvas.deliver(claimed, { ...rendered(), timing });
  let isAlone = true;

  beforeEach(async () => {
    isAlone = true;
    t = await enterSession({ canvas: { depth: () => 1, isAhead: () => isAlone, maxFramesPerSecond: 1_000 } });
    const first = claim(1);
    t.clock.ms += 50;
    delivered(first);
    t.channel.acknowledge(1);
  });

  it('is claimed so early that it is decoded when the device is free', () => {
    claim(2);
    const startMs = t.clock.ms;
    t.session.handleMessage(frame(3));
    expect(t.canvas.readyAt()).toBe(startMs + 4 + 40 - 4 - 1);
  });

  it('waits no longer when it is claimed again and again', () => {
    let running = claim(2);
    let beganMs = t.clock.ms + 4;
    for (let seq = 3; seq < 9; seq++) {
      t.session.handleMessage(frame(seq));
      expect(t.canvas.readyAt()).toBe(beganMs + 40 - 4 - 1);
      t.clock.ms = t.canvas.readyAt()!;
      const next = t.canvas.take()!;
      t.clock.ms = beganMs + 40 + 6;
      delivered(running);
      t.channel.acknowledge(seq - 1);
      // The next one got the device when the last one left it.
      beganMs += 40;
      running = next;
    }
  });

  it('is one and no more', () => {
    claim(2);
    claim(3);
    t.session.handleMessage(frame(4));
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('waits for the end of the last one when others draw', () => {
    claim(2);
    isAlone = false;
    t.session.handleMessage(frame(3));
    expect(t.canvas.readyAt()).toBeNull();
  });
});
