import { describe, expect, it } from 'vitest';
import { calibrate, type WarmedPipeline } from '../../../server/src/inference/device/calibrate.js';
import { DeviceFailure } from '../../../server/src/pipeline/graphs/device-failure.js';

/** A model guided by second rows that remembers how many rows its calls had, and has memory for so many. */
function fakePipeline(device: string, memoryRows = Infinity) {
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
