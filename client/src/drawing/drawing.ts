import type { Mark } from './marks.js';

export interface BackgroundPicture {
  readonly blob: Blob;
  /** 0..1, over the ground. */
  readonly opacity: number;
}

/** The content of a sketch. */
export interface DrawingState {
  /** In the order of painting. */
  readonly marks: readonly Mark[];
  readonly background: BackgroundPicture | null;
}

export const EMPTY_DRAWING: DrawingState = Object.freeze({ marks: Object.freeze([]), background: null });

/** The drawing behind a sketch: one person's, or one that a room shares. It fires `change` on every change. */
export interface SketchDrawing extends EventTarget {
  /** A new object after every change. */
  readonly state: DrawingState;
  readonly isEmpty: boolean;
  /** Whether the person may change it. Otherwise the methods have no effect. */
  readonly isEditable: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Converts a picture for this drawing. Call it before adding the picture. Rejects if the picture cannot be read. */
  adopt(picture: Blob): Promise<Blob>;
  add(mark: Mark): void;
  /** Makes a change that one undo takes back. */
  change(change: Partial<DrawingState>): void;
  /** Makes a change without a step in the history, such as each position of a slider. */
  amend(change: Partial<DrawingState>): void;
  undo(): void;
  redo(): void;
  clear(): void;
}

const MAX_UNDO = 500;

/** A drawing with its history. States share their marks, so hundreds of steps take little memory. */
export class Drawing extends EventTarget implements SketchDrawing {
  readonly isEditable: boolean;
  #state = EMPTY_DRAWING;
  #past: readonly DrawingState[] = [];
  #future: readonly DrawingState[] = [];

  constructor({ isEditable = true } = {}) {
    super();
    this.isEditable = isEditable;
  }

  get state(): DrawingState {
    return this.#state;
  }

  get isEmpty(): boolean {
    return this.#state.marks.length === 0 && this.#state.background === null;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  adopt(picture: Blob): Promise<Blob> {
    return Promise.resolve(picture);
  }

  add(mark: Mark): void {
    this.change({ marks: [...this.#state.marks, mark] });
  }

  change(change: Partial<DrawingState>): void {
    if (!this.isEditable) return;
    this.#past = [...this.#past.slice(1 - MAX_UNDO), this.#state];
    this.#future = [];
    this.#become({ ...this.#state, ...change });
  }

  amend(change: Partial<DrawingState>): void {
    if (this.isEditable) this.#become({ ...this.#state, ...change });
  }

  undo(): void {
    const last = this.#past.at(-1);
    if (last === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, this.#state];
    this.#become(last);
  }

  redo(): void {
    const next = this.#future.at(-1);
    if (next === undefined) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, this.#state];
    this.#become(next);
  }

  clear(): void {
    if (!this.isEmpty) this.change(EMPTY_DRAWING);
  }

  #become(state: DrawingState): void {
    this.#state = state;
    this.dispatchEvent(new Event('change'));
  }
}
