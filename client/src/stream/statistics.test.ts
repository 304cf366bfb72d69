import { describe, expect, it } from 'vitest';
import { quantile, StatisticsRecorder } from './statistics.js';

describe('statistics', () => {
  it('tells the rate of the last two seconds', () => {
    const recorder = new StatisticsRecorder();
    for (let at = 0; at < 4_000; at += 100) recorder.shown(at, 50, { serverMs: 40, steps: 2 });
    expect(recorder.read(3_900).framesPerSecond).toBeCloseTo(10, 0);
    expect(recorder.read(9_000).framesPerSecond).toBe(0);
  });

  it('tells median and 90th percentile of the last 60, and the server part of the same images', () => {
    const recorder = new StatisticsRecorder();
    for (let i = 0; i < 100; i++) recorder.shown(i, 1_000, { serverMs: 900, steps: 2 });
    for (let i = 1; i <= 60; i++) recorder.shown(i, i, { serverMs: i / 2, steps: 2 });
    recorder.shown(200, NaN, { serverMs: 5_000, steps: 8 });
    expect(recorder.read(200)).toMatchObject({
      inputToImageMedianMs: 31,
      inputToImageP90Ms: 55,
      serverMs: 15.5,
      steps: 8,
    });
  });

  it('knows nothing before the first image', () => {
    const { framesPerSecond, inputToImageMedianMs, serverMs } = new StatisticsRecorder().read(0);
    expect([framesPerSecond, inputToImageMedianMs, serverMs]).toEqual([0, NaN, NaN]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
