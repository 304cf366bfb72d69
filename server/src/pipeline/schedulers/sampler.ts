/**
 * How a consistency model comes from noise to a picture. `onestep`: a single call. `multistep`: each estimate is noised
 * anew for the next call. `ddim`: each call takes the noise that the last one implies, which is diffusion. `alternate`: the
 * first half multistep, then DDIM, then a last consistency step (Song et al. 2023, algorithm 1, and section 4 for mixtures).
 */
export type Sampler = 'onestep' | 'multistep' | 'alternate' | 'ddim';

export const SAMPLERS: readonly Sampler[] = ['onestep', 'multistep', 'alternate', 'ddim'];

/** Whether the estimate of step `index`, which is not the last of `steps`, is noised anew; else DDIM goes on from it. */
export function renoises(sampler: Sampler, index: number, steps: number): boolean {
  return sampler === 'multistep' || (sampler === 'alternate' && index < Math.floor(steps / 2));
}
