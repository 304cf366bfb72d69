import { openPassing } from './extended-graph.js';
import type { ElementType, TensorSpec } from './graph-specs.js';
import type { GraphOptions } from './ort.js';
import { stepExtension } from './step-graph.js';
import { openOnDevice } from './step-runner.js';
import { Unet } from './unet.js';

/** The condition that such a UNet answers with. */
export const ANSWER = 'answer';

export interface PassingUnetOptions {
  readonly graph: GraphOptions;
  /** Of the UNet's numbers. */
  readonly type: ElementType;
  readonly isGuidedByRows: boolean;
}

/** A UNet without a model, which answers with a condition: to check and measure the arithmetic of steps alone. */
export async function openPassingUnet({ graph: options, type, isGuidedByRows }: PassingUnetOptions): Promise<Unet> {
  const shape = ['rows', 'channels', 'height', 'width'];
  const latents = (name: string): TensorSpec => ({ name, type, shape });
  const graph = await openPassing(
    {
      name: 'unet',
      inputs: [latents('sample'), { name: 'timestep', type, shape: ['rows'] }, latents(ANSWER)],
      passed: ANSWER,
      output: latents('out_sample'),
    },
    stepExtension(() => isGuidedByRows),
    options,
  );
  return new Unet(graph, isGuidedByRows, await openOnDevice(graph, options));
}
