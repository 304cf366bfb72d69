import type { Params } from '@underpaint/shared';
import type { OutgoingImage } from './frames.js';

export interface RefinementOptions {
  /** A canvas without a request for this long is quiet, ms. */
  readonly quietMs: number;
  /** Steps of a refined image; 0 refines none. */
  readonly refineSteps: number;
  readonly now: () => number;
}

/**
 * Decides when the last frame of a canvas is rendered again with more steps, in the background: once for each frame,
 * after a while without requests.
 */
export class Refinement {
  readonly #options: RefinementOptions;
  /** Whether the image on the screen can become finer. */
  #isOpen = false;
  #quietSinceMs = 0;

  constructor(options: RefinementOptions) {
    this.#options = options;
  }

  /** Restarts the quiet time: there was a request, or a refinement gave way to others. */
  postpone(): void {
    this.#quietSinceMs = this.#options.now();
  }

  /** This image is on the screen from now on. */
  follow({ asked, rendered }: OutgoingImage): void {
    this.#isOpen = asked.reason !== 'refine' && rendered.steps < this.#options.refineSteps;
  }

  /** The image on the screen stays as it is: its refinement failed, or nobody watches. */
  giveUp(): void {
    this.#isOpen = false;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** When the quiet time is over, ms. */
  get dueMs(): number {
    return this.#quietSinceMs + this.#options.quietMs;
  }

  stepsOf({ steps }: Pick<Params, 'steps'>): number {
    return Math.max(steps, this.#options.refineSteps);
  }
}
