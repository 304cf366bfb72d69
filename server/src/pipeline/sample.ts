import type { ModelError } from './errors.js';
import { latentsInMemory, type Latents } from './graphs/device-rows.js';
import type { RowInputs } from './graphs/row-stack.js';
import { factorRow } from './graphs/step-graph.js';
import type { Stepped, StepSample } from './graphs/unet.js';
import type { NoiseSource } from './noise.js';
import type { Plan } from './schedulers/scheduler.js';

export interface SampleOptions {
  readonly plan: Plan;
  /** Noised latents for the first step; undefined starts from noise alone. */
  readonly latents: Float32Array | undefined;
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
  /** Set when a step gave numbers that are not finite: there will be no picture. */
  failure: ModelError | undefined;
  #latents: Latents;
  #denoised: Float32Array | undefined;
  /** A factor of the latents that the next step multiplies in. */
  #scale: number;
  #index = 0;

  constructor({ plan, latents, rows, guidance, noise }: SampleOptions) {
    this.plan = plan;
    this.rows = rows;
    this.guidance = guidance;
    this.noise = noise;
    this.#latents = latents ?? noise(0);
    this.#denoised = latents ?? noise(0);
    // The first step multiplies anyway.
    this.#scale = latents ? 1 : plan.startFromNoise;
  }

  /** Noised latents for the next step, where they do not stay on the device. They must not be written to. */
  get latents(): Float32Array {
    return latentsInMemory(this.#latents);
  }

  /** The estimate of the clean latents after the last step, which is a picture already, after any step that estimated it. */
  get denoised(): Float32Array {
    if (!this.#denoised) throw new Error('the last step was not asked for an estimate');
    return this.#denoised;
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

  /**
   * The inputs of the next step.
   *
   * @param isEstimated whether the estimate after it is wanted, even if it is not the last one
   */
  toStep(isEstimated: boolean): StepSample {
    const { plan, guidance, rows } = this;
    const timestep = plan.timesteps[this.#index];
    if (timestep === undefined) throw new Error('a sample that is done cannot be moved on');
    return {
      latents: this.#latents,
      factors: factorRow(plan.factors(this.#index), {
        timestep,
        guidance: rows.length > 1 ? guidance : 1,
        scale: this.#scale,
      }),
      noise: plan.wantsNoise(this.#index) ? this.noise(this.#index + 1) : undefined,
      rows,
      isEstimated: isEstimated && this.stepsLeft > 1,
      isLast: this.stepsLeft === 1,
    };
  }

  advance({ next, denoised }: Stepped): void {
    this.#index++;
    this.#scale = 1;
    this.#latents = next;
    // The reference decodes the latents of the last step, which may be a little short of clean.
    this.#denoised = this.done ? latentsInMemory(next) : denoised;
  }
}
