/**
 * How a consistency model comes from noise to a picture. `onestep`: a single call. `multistep`: each estimate is noised
 * anew for the next call. `ddim`: each call takes the noise that the last one implies, as in diffusion. `alternate`: the
 * first half multistep, then DDIM, then a last consistency step (Song et al. 2023, algorithm 1, and section 4 for mixtures).
 */
export type Sampler = 'onestep' | 'multistep' | 'alternate' | 'ddim';

export const SAMPLERS: readonly Sampler[] = ['onestep', 'multistep', 'alternate', 'ddim'];

/** Whether new noise is added after step `index`, which is not the last of `steps`; if not, DDIM continues. */
export function renoises(sampler: Sampler, index: number, steps: number): boolean {
  return sampler === 'multistep' || (sampler === 'alternate' && index < Math.floor(steps / 2));
}
