import { ModelError } from '../errors.js';
import type { Addition } from '../onnx/addition.js';
import type { VaeConfig } from '../folder/folder-files.js';

/** The scaling factor of AutoencoderKL where its configuration has none. */
const CLASS_FACTOR = 0.18215;

interface ChannelScaling {
  readonly shift: number;
  readonly factor: number;
}

/**
 * Scales an autoencoder's latents to those that the UNet was trained on: z = (latents - shift) * factor, with one shift
 * and factor for all channels or with its own for each.
 */
export class LatentScaling {
  readonly #channels: readonly ChannelScaling[];

  private constructor(channels: readonly ChannelScaling[]) {
    this.#channels = channels;
  }

  /**
   * With `latents_mean` and `latents_std`, z = (latents - mean) * scaling_factor / std, as in diffusers'
   * StableDiffusionXLImg2ImgPipeline; else z = (latents - shift_factor) * scaling_factor. diffusers' Stable Diffusion
   * pipelines ignore these fields, but an autoencoder that has them was trained with them.
   *
   * @param usualFactor the factor of an autoencoder without a configuration
   */
  static of(config: VaeConfig, usualFactor: number): LatentScaling {
    const { latents_mean: mean, latents_std: deviation, shift_factor: shift = 0 } = config;
    const factor = config.scaling_factor ?? factorOf(config._class_name, usualFactor);
    if (!mean || !deviation) return new LatentScaling([{ shift, factor }]);
    return new LatentScaling(mean.map((value, i) => ({ shift: value, factor: factor / deviation[i]! })));
  }

  /** @throws ModelError when its mean is for another number of channels */
  requireChannels(channels: number | undefined): void {
    const count = this.#channels.length;
    if (count === 1 || count === (channels ?? count)) return;
    throw new ModelError(
      `config.json of the autoencoder has latents_mean of ${count} channels, its latents have ${channels}: ` +
        'take the file that it was published with',
    );
  }

  /** Adds the nodes that scale latents [B, C, h, w]. */
  scaled(added: Addition, latents: string): string {
    const centred = added.node('Sub', [latents, this.#constant(added, ({ shift }) => shift)]);
    return added.node('Mul', [centred, this.#constant(added, ({ factor }) => factor)]);
  }

  /** The inverse of `scaled`. */
  unscaled(added: Addition, latents: string): string {
    const divided = added.node('Div', [latents, this.#constant(added, ({ factor }) => factor)]);
    return added.node('Add', [divided, this.#constant(added, ({ shift }) => shift)]);
  }

  #constant(added: Addition, valueOf: (channel: ChannelScaling) => number): string {
    return added.floats(this.#channels.map(valueOf), [this.#channels.length, 1, 1]);
  }
}

/** A configuration without the number means the default of its class. */
function factorOf(className: string | undefined, usualFactor: number): number {
  if (className === 'AutoencoderTiny') return 1;
  return className === undefined ? usualFactor : CLASS_FACTOR;
}
