import type { ModelError } from './errors.js';
import type { NoiseSource } from './random.js';
import type { Plan } from './schedulers/scheduler.js';
import type { PromptEmbedding } from './conditions/prompt-encoder.js';

export interface RowOptions {
  readonly plan: Plan;
  /** Noised latents that the first step starts from. The row writes to them. */
  readonly latents: Float32Array;
  readonly prompt: PromptEmbedding;
  /** What guidance leads away from; undefined where it costs no second row. */
  readonly negativePrompt: PromptEmbedding | undefined;
  readonly guidance: number;
  readonly noise: NoiseSource;
}

/** One picture on its way through the UNet. The pipeline alone moves it on. */
export class Row {
  readonly plan: Plan;
  readonly prompt: PromptEmbedding;
  readonly negativePrompt: PromptEmbedding | undefined;
  readonly guidance: number;
  readonly noise: NoiseSource;
  /** Noised latents for the next step. */
  readonly latents: Float32Array;
  /** The estimate of the clean latents after the last step: a picture already, after any step. */
  readonly denoised: Float32Array;
  /** Why there will be no picture: a step gave numbers that are not finite. */
  failure: ModelError | undefined;
  #index = 0;

  constructor({ plan, latents, prompt, negativePrompt, guidance, noise }: RowOptions) {
    this.plan = plan;
    this.latents = latents;
    this.denoised = new Float32Array(latents.length);
    this.prompt = prompt;
    this.negativePrompt = negativePrompt;
    this.guidance = guidance;
    this.noise = noise;
  }

  /** UNet calls that this picture takes in all. */
  get steps(): number {
    return this.plan.timesteps.length;
  }

  /** Steps done so far. */
  get index(): number {
    return this.#index;
  }

  get stepsLeft(): number {
    return this.steps - this.#index;
  }

  get done(): boolean {
    return this.stepsLeft === 0;
  }

  /** Training timestep of the next step; undefined when done. */
  get timestep(): number | undefined {
    return this.plan.timesteps[this.#index];
  }

  advance(): void {
    this.#index++;
  }
}
