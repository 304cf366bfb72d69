import { ANSWER, openPassingUnet } from '../../server/src/pipeline/graphs/passing-unet.js';
import { latentsInMemory } from '../../server/src/pipeline/graphs/device-rows.js';
import { factorRow } from '../../server/src/pipeline/graphs/step-graph.js';
import { floatTensor } from '../../server/src/pipeline/graphs/tensor.js';
import type { Stepped, Unet } from '../../server/src/pipeline/graphs/unet.js';
import type { Plan } from '../../server/src/pipeline/schedulers/scheduler.js';

const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

let unet: Promise<Unet> | undefined;

export interface PlanStep {
  readonly latents: Float32Array;
  /** The UNet's answer. */
  readonly output: ArrayLike<number>;
  readonly noise?: ArrayLike<number> | undefined;
}

/** Step `index` of a plan, as the step graph makes it. */
export async function stepOf(
  plan: Plan,
  index: number,
  { latents, output, noise }: PlanStep,
): Promise<Stepped & { readonly next: Float32Array; readonly denoised: Float32Array }> {
  unet ??= openPassingUnet({ graph: CPU, type: 'float32', isGuidedByRows: false });
  const factors = factorRow(plan.factors(index), { timestep: plan.timesteps[index]!, guidance: 1, scale: 1 });
  const sample = {
    latents,
    factors,
    noise: noise && Float32Array.from(noise),
    rows: [{ [ANSWER]: floatTensor(Float32Array.from(output), [1, 1, latents.length]) }],
    isEstimated: true,
    isLast: true,
  };
  const [stepped] = await (await unet).step([sample], { channels: 1, height: 1, width: latents.length });
  const { next, denoised } = stepped!;
  return { ...stepped!, next: latentsInMemory(next), denoised: denoised! };
}
