import { ModelError } from '../errors.js';
import type { VaeConfig } from '../folder/folder-files.js';

/** The scaling factors that Stable Diffusion and SDXL were trained with. */
const USUAL_FACTOR = { sd: 0.18215, sdxl: 0.13025 } as const;

type Family = keyof typeof USUAL_FACTOR;

interface ChannelScaling {
  readonly shift: number;
  readonly factor: number;
}

/**
 * How an autoencoder's latents relate to those that the UNet was trained on: z = (latents - shift) * factor, each number by
 * itself or each channel with a shift and a factor of its own.
 */
export class LatentScaling {
  readonly #channels: readonly ChannelScaling[];

  private constructor(channels: readonly ChannelScaling[]) {
    this.#channels = channels;
  }

  /**
   * With `latents_mean` and `latents_std` as StableDiffusionXLImg2ImgPipeline of diffusers has it:
   * z = (latents - mean) * scaling_factor / std. Else z = (latents - shift_factor) * scaling_factor.
   * Its pipelines of Stable Diffusion know neither, but an autoencoder that has them was trained with them.
   *
   * @param family whose factor it is where the folder has no configuration of its autoencoder
   */
  static of(config: VaeConfig, family: Family): LatentScaling {
    const { latents_mean: mean, latents_std: deviation, shift_factor: shift = 0 } = config;
    const factor = config.scaling_factor ?? usualFactor(config._class_name, family);
    if (!mean || !deviation) return new LatentScaling([{ shift, factor }]);
    return new LatentScaling(mean.map((value, i) => ({ shift: value, factor: factor / deviation[i]! })));
  }

  /** @throws ModelError when it is for another number of channels */
  requireChannels(channels: number): void {
    const count = this.#channels.length;
    if (count === 1 || count === channels) return;
    throw new ModelError(
      `config.json of the autoencoder has latents_mean of ${count} channels, its latents have ${channels}: ` +
        'take the file that it was published with',
    );
  }

  /** @param latents all channels of one picture, one after the other */
  scale(latents: Float32Array): Float32Array {
    return this.#map(latents, (value, { shift, factor }) => (value - shift) * factor);
  }

  /** The other way round. */
  unscale(latents: Float32Array): Float32Array {
    return this.#map(latents, (value, { shift, factor }) => value / factor + shift);
  }

  #map(latents: Float32Array, change: (value: number, channel: ChannelScaling) => number): Float32Array {
    const size = latents.length / this.#channels.length;
    const changed = new Float32Array(latents.length);
    for (const [c, channel] of this.#channels.entries()) {
      for (let i = c * size; i < (c + 1) * size; i++) changed[i] = change(latents[i]!, channel);
    }
    return changed;
  }
}

/** A configuration without the number means its class's default; where there is none at all, the family's. */
function usualFactor(className: string | undefined, family: Family): number {
  if (className === 'AutoencoderTiny') return 1;
  return USUAL_FACTOR[className === undefined ? family : 'sd'];
}
