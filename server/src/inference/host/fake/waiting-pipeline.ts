import type { Pipeline } from '../../../pipeline/pipeline.js';
import type { Sample } from '../../../pipeline/sample.js';
import type { RowLoopOptions } from '../../device/row-loop.js';
import type { FakeCost } from './fake-cost.js';

/** No pixels: frames of a fake device are never decoded. */
export const NO_PIXELS = new Uint8Array(0);

/** A pipeline for the row loop in which a UNet call only waits, and a sample only counts its steps. */
export function waitingPipeline({ callMs, rowMs }: FakeCost): RowLoopOptions['pipeline'] {
  const wait = (rows: number) => {
    const ms = callMs + rowMs * rows;
    // A timer takes at least a millisecond, so a free device must not use one.
    return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
  };
  const pipeline = {
    mixedTimesteps: true,
    rowsPerFrame: () => 1,
    begin: (requests: readonly { readonly steps: number }[]) =>
      Promise.resolve(requests.map(({ steps }) => new FakeSample(steps))),
    step: async (samples: readonly FakeSample[]) => {
      await wait(samples.length);
      for (const sample of samples) sample.index += 1;
    },
    vaeDecode: (latents: readonly unknown[]) => Promise.resolve(latents.map(() => NO_PIXELS)),
    judge: (pictures: readonly unknown[]) => Promise.resolve(pictures.map(() => false)),
  };
  return pipeline as unknown as Pick<Pipeline, keyof typeof pipeline>;
}

class FakeSample implements Pick<Sample, 'index' | 'steps' | 'stepsLeft' | 'done'> {
  index = 0;
  readonly denoised = new Float32Array(0);

  constructor(readonly steps: number) {}

  get stepsLeft(): number {
    return this.steps - this.index;
  }

  get done(): boolean {
    return this.stepsLeft === 0;
  }
}
