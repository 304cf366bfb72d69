import type { LoadedModel } from './folder/load-model.js';

/** What was distilled, and how; the models with two text encoders are a family of their own, and so are those of pixels. */
export type ModelKind = `${'' | 'sdxl-'}${'lcm' | 'lcm-lora' | 'diffusion'}` | 'sd-turbo' | 'sdxl-turbo' | 'pixel';

/** How a model is guided: by an embedding of the scale, by a second row without the prompt, or not at all. */
export type GuidanceKind = 'embedded' | 'rows' | 'none';

/** A guided diffusion model and a distilled one may have the same scheduler: what the schedule says of the training decides. */
export function guidanceOf({ unet, scheduler: { training } }: LoadedModel): GuidanceKind {
  if (unet.guidanceWidth > 0) return 'embedded';
  return training === 'pixels' || training === 'turbo' ? 'none' : 'rows';
}

export function kindOf({ unet: { takesPooled, guidanceWidth }, scheduler: { training } }: LoadedModel): ModelKind {
  switch (training) {
    case 'pixels':
      return 'pixel';
    case 'turbo':
      return takesPooled ? 'sdxl-turbo' : 'sd-turbo';
    case 'diffusion':
      return takesPooled ? 'sdxl-diffusion' : 'diffusion';
    case 'consistency': {
      const distilled = guidanceWidth > 0 ? 'lcm' : 'lcm-lora';
      return takesPooled ? `sdxl-${distilled}` : distilled;
    }
  }
}
