import type { ModelError } from './errors.js';
import type { RowInputs } from './graphs/row-stack.js';
import type { NoiseSource } from './noise.js';
import type { Plan } from './schedulers/scheduler.js';

export interface SampleOptions {
  readonly plan: Plan;
  /** Noised latents for the first step. The sample writes to them. */
  readonly latents: Float32Array;
  /** The conditions of each row of the batch: one row, or two if a second one guides. */
  readonly rows: readonly RowInputs[];
  readonly guidance: number;
  readonly noise: NoiseSource;
}

/** One picture on its way through the steps. Only the pipeline moves it on. */
export class Sample {
  readonly plan: Plan;
  readonly rows: readonly RowInputs[];
  readonly guidance: number;
  readonly noise: NoiseSource;
  /** Noised latents for the next step. */
  readonly latents: Float32Array;
  /** The estimate of the clean latents after the last step: a picture already, after any step. */
  readonly denoised: Float32Array;
  /** Set when a step gave numbers that are not finite: there will be no picture. */
  failure: ModelError | undefined;
  #index = 0;

  constructor({ plan, latents, rows, guidance, noise }: SampleOptions) {
    this.plan = plan;
    this.latents = latents;
    this.denoised = new Float32Array(latents.length);
    this.rows = rows;
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
