import type { DrawingState, OwnStep, OwnSteps, ParamsStep } from '../drawing/drawing.js';
import { rebased } from './rebase.js';

interface KeptStepsOptions {
  readonly state: () => DrawingState;
  /** Changes the drawing without a step in its history. */
  readonly write: (change: Partial<DrawingState>) => void;
}

/** This person's steps from before a reload. They lie below those of the document's own history. */
export class KeptSteps {
  readonly #options: KeptStepsOptions;
  #past: readonly OwnStep[] = [];
  #future: readonly OwnStep[] = [];

  constructor(options: KeptStepsOptions) {
    this.#options = options;
  }

  get steps(): OwnSteps {
    return { past: this.#past, future: this.#future };
  }

  set steps({ past, future }: OwnSteps) {
    this.#past = past;
    this.#future = future;
  }

  /** The person went on after undoing. */
  forgetFuture(): void {
    this.#future = [];
  }

  /** Undoes the latest step that still has an effect. @returns its parameters */
  undo(): ParamsStep | undefined {
    for (let step = this.#past.at(-1); step !== undefined; step = this.#past.at(-1)) {
      this.#past = this.#past.slice(0, -1);
      this.#future = [...this.#future, step];
      if (this.#go(step.after, step.before) || step.params !== undefined) return step.params;
    }
    return undefined;
  }

  /** Repeats the next step that still has an effect. @returns its parameters */
  redo(): ParamsStep | undefined {
    for (let step = this.#future.at(-1); step !== undefined; step = this.#future.at(-1)) {
      this.#future = this.#future.slice(0, -1);
      this.#past = [...this.#past, step];
      if (this.#go(step.before, step.after) || step.params !== undefined) return step.params;
    }
    return undefined;
  }

  /** @returns whether the drawing has changed */
  #go(from: DrawingState, to: DrawingState): boolean {
    const { state, write } = this.#options;
    const current = state();
    write(rebased(current, from, to));
    return state() !== current;
  }
}
