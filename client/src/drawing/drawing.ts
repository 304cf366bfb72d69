import type { Mark } from './marks.js';

export interface BackgroundPicture {
  readonly blob: Blob;
  /** 0..1, over the ground. */
  readonly opacity: number;
}

/** All that a person has put on a sketch. */
export interface DrawingState {
  /** In the order they are painted. */
  readonly marks: readonly Mark[];
  readonly background: BackgroundPicture | null;
}

export const EMPTY_DRAWING: DrawingState = Object.freeze({ marks: Object.freeze([]), background: null });

/** What a sketch shows and changes: one person's drawing, or one that a room shares. It tells of every change by `change`. */
export interface SketchDrawing extends EventTarget {
  /** A new object after every change. */
  readonly state: DrawingState;
  readonly isEmpty: boolean;
  /** Whether the person may change it. Who may not does so without effect. */
  readonly isEditable: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The picture as this drawing keeps it: to be asked for before the picture is put in. Rejects when it cannot be read. */
  adopt(picture: Blob): Promise<Blob>;
  add(mark: Mark): void;
  /** One undo takes the whole change back. */
  change(change: Partial<DrawingState>): void;
  /** Changes without a step in the history: a slider on its way. */
  amend(change: Partial<DrawingState>): void;
  undo(): void;
  redo(): void;
  clear(): void;
}

const MAX_UNDO = 500;

/** A drawing with its history. States share their marks, so a history of hundreds costs little. */
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
