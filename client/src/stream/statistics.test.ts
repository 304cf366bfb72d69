import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { quantile, StatisticsRecorder, type Statistics } from './statistics.js';

describe('statistics', () => {
  let now: number;
  let told: Statistics[];
  let recorder: StatisticsRecorder;

  beforeEach(() => {
    vi.useFakeTimers();
    now = 0;
    told = [];
    recorder = new StatisticsRecorder(
      (statistics) => told.push(statistics),
      () => now,
    );
  });
  afterEach(() => {
    recorder.stop();
    vi.useRealTimers();
  });

  const show = (seq: number, serverMs: number, steps = 2) =>
    recorder.shown({ seq, steps, timing: { queueMs: 0, decodeMs: 0, inferMs: 0, encodeMs: 0, serverMs } });

  it('reports the rate of the last two seconds', () => {
    for (now = 0; now < 4_000; now += 100) show(1, 40);
    now = 3_900;
    expect(recorder.read().framesPerSecond).toBeCloseTo(10, 0);
    now = 9_000;
    expect(recorder.read().framesPerSecond).toBe(0);
  });

  it('reports median and 90th percentile of the last 60 images, and their time on the server', () => {
    for (let seq = 1; seq <= 160; seq++) {
      const [inputMs, serverMs] = seq <= 100 ? [1_000, 900] : [seq - 100, (seq - 100) / 2];
      recorder.sent(seq, now);
      now += inputMs;
      show(seq, serverMs);
    }
    show(160, 5_000, 8);
    const expected = { inputToImageMedianMs: 31, inputToImageP90Ms: 55, serverMs: 15.5, steps: 8 };
    expect(recorder.read(), 'a refined image answers no change').toMatchObject(expected);
  });

  it('counts dropped frames and does not measure them', () => {
    recorder.sent(1, 0);
    recorder.dropped(1);
    show(1, 10);
    expect(recorder.read()).toMatchObject({ dropped: 1, inputToImageMedianMs: NaN });
  });

  it('reports twice a second while images arrive, and once afterwards', () => {
    show(1, 10);
    vi.advanceTimersByTime(1_000);
    expect(told.map(({ framesPerSecond }) => framesPerSecond)).toEqual([0.5, 0.5]);
    now = 5_000;
    vi.advanceTimersByTime(10_000);
    expect(told.map(({ framesPerSecond }) => framesPerSecond)).toEqual([0.5, 0.5, 0]);
  });

  it('is NaN before the first image', () => {
    const { framesPerSecond, inputToImageMedianMs, serverMs } = recorder.read();
    expect([framesPerSecond, inputToImageMedianMs, serverMs]).toEqual([0, NaN, NaN]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
