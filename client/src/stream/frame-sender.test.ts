import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameSender, type OutgoingFrame } from './frame-sender.js';

describe('FrameSender', () => {
  let picture = 0;
  let sent: OutgoingFrame[] = [];
  let sender: FrameSender;

  beforeEach(() => {
    vi.useFakeTimers();
    picture = 0;
    sent = [];
    sender = new FrameSender({
      capture: () => Promise.resolve(new Uint8Array([picture])),
      send: (frame) => sent.push(frame) > 0,
    });
  });
  afterEach(() => void vi.useRealTimers());

  /** Lets time pass. Real timers between the steps, as vitest's own function has them, take a browser seconds. */
  async function advance(ms: number): Promise<void> {
    for (let elapsed = 0; elapsed < ms; elapsed++) {
      vi.advanceTimersByTime(1);
      // Captures end in microtasks.
      for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    }
  }

  /** Changes the picture every 10 ms, like a hand. */
  async function draw(ms: number): Promise<void> {
    for (let elapsed = 0; elapsed < ms; elapsed += 10) {
      picture += 1;
      sender.changed();
      await advance(10);
    }
  }

  it('sends nothing before the stream is live, and nothing without a change', async () => {
    sender.changed();
    await advance(1_000);
    expect(sent).toHaveLength(0);
    sender.start(0, { maxFramesPerSecond: 20 });
    await advance(1_000);
    expect(sent).toHaveLength(1);
  });

  it('keeps at most three frames in flight, then sends the newest picture', async () => {
    sender.start(0, { maxFramesPerSecond: 20 });
    await draw(500);
    expect(sent.map((frame) => frame.seq)).toEqual([1, 2, 3]);
    sender.ended(1, false);
    await advance(60);
    expect(sent.at(-1)).toMatchObject({ seq: 4, data: new Uint8Array([picture]) });
  });

  it('sends at most 20 frames a second, and always the last change', async () => {
    sender = new FrameSender({
      capture: () => Promise.resolve(new Uint8Array([picture])),
      send: (frame) => {
        sent.push(frame);
        queueMicrotask(() => sender.ended(frame.seq, false));
        return true;
      },
    });
    sender.start(0, { maxFramesPerSecond: 60 });
    await draw(1_000);
    await advance(100);
    expect(sent.length).toBeGreaterThanOrEqual(18);
    expect(sent.length).toBeLessThanOrEqual(21);
    expect(sent.at(-1)?.data).toEqual(new Uint8Array([picture]));
  });

  it('follows the images up to the limit of the server', async () => {
    sender = new FrameSender({
      capture: () => Promise.resolve(new Uint8Array([picture])),
      send: (frame) => {
        sent.push(frame);
        setTimeout(() => sender.answered(frame.seq), 5);
        return true;
      },
    });
    sender.start(0, { maxFramesPerSecond: 50 });
    await draw(1_000);
    expect(sent.length).toBeGreaterThanOrEqual(46);
    expect(sent.length).toBeLessThanOrEqual(51);
  });

  it('sends no more than 120 frames a second, and fewer than 20 to a server that allows no more', async () => {
    const count = async (maxFramesPerSecond: number, { everyMs, changes }: { everyMs: number; changes: number }) => {
      sent = [];
      sender.start(0, { maxFramesPerSecond });
      for (let i = 0; i < changes; i++) {
        sender.changed();
        await advance(everyMs);
        sender.answered(sent.at(-1)?.seq ?? 0);
      }
      return sent.length;
    };
    expect(await count(1_000, { everyMs: 1, changes: 200 })).toBeLessThanOrEqual(25);
    expect(await count(5, { everyMs: 20, changes: 50 })).toBeLessThanOrEqual(6);
  });

  it('keeps as many frames in flight as the server allows', async () => {
    sender.start(0, { maxFramesPerSecond: 20, maxFramesInFlight: 6 });
    await draw(500);
    expect(sent.map((frame) => frame.seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('pauses after a refusal, even if an older frame has its image meanwhile', async () => {
    sender.start(0, { maxFramesPerSecond: 60 });
    await draw(100);
    const newest = sent.at(-1)!.seq;
    sender.ended(newest, true);
    sender.answered(newest - 1);
    await advance(300);
    expect(sent.at(-1)!.seq).toBe(newest);
  });

  it('sends nothing while held, and the changes afterwards', async () => {
    sender.start(0, { maxFramesPerSecond: 20 });
    sender.held = true;
    await draw(200);
    expect(sent).toHaveLength(0);
    sender.held = false;
    await advance(60);
    expect(sent).toHaveLength(1);
  });

  it('continues the numbers of the server', async () => {
    sender.start(41, { maxFramesPerSecond: 20 });
    sender.changed();
    await advance(10);
    expect(sent[0]?.seq).toBe(42);
  });

  it('sends a refused frame again after a pause, if it is the newest', async () => {
    sender.start(0, { maxFramesPerSecond: 20 });
    await draw(120);
    const before = sent.length;
    sender.ended(sent[0]!.seq, true);
    await advance(2_000);
    const newest = sent.at(-1)!.seq;
    sender.ended(newest, true);
    await advance(2_000);
    expect(sent.at(-1)!.seq).toBe(newest + 1);
    expect(sent.length).toBeGreaterThan(before);
  });

  it('sends the picture again if the connection was lost during the capture', async () => {
    sender.start(0, { maxFramesPerSecond: 20 });
    sender.changed();
    sender.stop();
    await advance(100);
    expect(sent).toHaveLength(0);
    sender.start(0, { maxFramesPerSecond: 20 });
    await advance(100);
    expect(sent).toHaveLength(1);
  });
});
