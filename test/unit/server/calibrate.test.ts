import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { calibrate, warmUp, type WarmedPipeline } from '../../../server/src/inference/device/calibrate.js';
import { DeviceFailure } from '../../../server/src/pipeline/graphs/device-failure.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A model guided by second rows that remembers how many rows its calls had, and has memory for so many. */
function fakePipeline(device: string, memoryRows = Infinity, msOf: (rows: number) => number = () => 1) {
  const calls = new Set<number>();
  const rowsPerFrame = (guidance: number) => (guidance > 1 ? 2 : 1);
  const pipeline = {
    info: { device, width: 8, height: 8 },
    rowsPerFrame,
    begin: (requests: readonly { readonly guidance: number }[]) =>
      Promise.resolve(requests.map(({ guidance }) => ({ rows: rowsPerFrame(guidance), denoised: [] }))),
    step: (frames: readonly { readonly rows: number }[]) => {
      const rows = frames.reduce((sum, frame) => sum + frame.rows, 0);
      if (rows > memoryRows) return Promise.reject(new DeviceFailure('no memory', { outOfMemory: true }));
      calls.add(rows);
      vi.advanceTimersByTime(msOf(rows));
      return Promise.resolve();
    },
    vaeDecode: (latents: readonly unknown[]) => Promise.resolve(latents),
    judge: (pictures: readonly unknown[]) => Promise.resolve(pictures.map(() => false)),
  };
  return { calls, pipeline: pipeline as unknown as WarmedPipeline };
}

describe('the warm-up', () => {
  it.each([
    ['webgpu', 1, [1, 2]],
    ['webgpu', 4, [1, 2, 4]],
    ['cpu', 1, [1]],
  ])('on %s at %i rows sees calls of %j', async (device, maxRows, rows) => {
    const { calls, pipeline } = fakePipeline(device);
    expect(await calibrate(pipeline, maxRows)).toMatchObject({ maxRows });
    expect([...calls]).toEqual(rows);
  });

  it('stops at the number of rows that fits into memory', async () => {
    expect(await calibrate(fakePipeline('cuda', 2).pipeline, 8)).toMatchObject({ maxRows: 2 });
    expect(await calibrate(fakePipeline('cuda', 1).pipeline, 8)).toMatchObject({ maxRows: 1 });
    await expect(calibrate(fakePipeline('cuda', 0).pipeline, 8)).rejects.toThrow('no memory');
  });
});

describe('the pace of one picture that has just been measured', () => {
  const one = { maxRows: 1, rowMs: 10, autoencoderMs: 0 };

  it('is not measured again, and larger calls are compared with it', async () => {
    const { calls, pipeline } = fakePipeline('cpu', Infinity, (rows) => 8 + 2 * rows);
    expect(await calibrate(pipeline, 0, one)).toMatchObject({ aloneMs: 10, easyRows: 2 });
    expect([...calls]).not.toContain(1);
  });

  it('is the result where one row is asked for', async () => {
    const { calls, pipeline } = fakePipeline('cpu');
    expect(await calibrate(pipeline, 1, one)).toEqual({ ...one, aloneMs: 10, easyRows: 1 });
    expect([...calls]).toEqual([]);
  });
});

describe('the rows at which nobody waits much longer than alone', () => {
  it.each([
    ['hardly cost more', (rows: number) => 10 + rows, 4],
    ['cost half as much each', (rows: number) => 10 + 5 * rows, 2],
    ['cost as much each', (rows: number) => 10 * rows, 1],
    ['are free', () => 10, 16],
  ])('when more rows %s', async (_, msOf, easyRows) => {
    const pace = await calibrate(fakePipeline('cpu', Infinity, msOf).pipeline, 0);
    expect(pace).toMatchObject({ easyRows, aloneMs: msOf(1) });
  });
});

describe('a pace that is known', () => {
  it('holds, unless the machine was much slower when it was measured', async () => {
    const pace = await calibrate(fakePipeline('cpu', Infinity, () => 20).pipeline, 1);
    for (const [ms, holds] of [
      [40, true],
      [20, true],
      [16, true],
      [10, false],
    ] as const) {
      const { calls, pipeline } = fakePipeline('cpu', Infinity, () => ms);
      expect(await warmUp(pipeline, pace)).toBe(holds);
      expect([...calls]).toEqual([1]);
    }
  });
});
