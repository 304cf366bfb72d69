import type { ParamsPatch } from '@underpaint/shared';
import { ONE_LAYER, type Layer, type Paper } from './layers.js';
import { newId, type Mark } from './marks.js';
import type { Matrix } from './matrix.js';

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
  /** From the bottom up; without it one layer. */
  readonly layers?: readonly Layer[];
  /** Without it the model's ground. */
  readonly paper?: Paper;
}

export const EMPTY_DRAWING = Object.freeze({
  marks: Object.freeze([]),
  background: null,
  layers: ONE_LAYER,
  paper: 'model',
}) satisfies DrawingState;

/** At least one. */
export function layersOf({ layers }: DrawingState): readonly Layer[] {
  return layers ?? ONE_LAYER;
}

/** Marks that somebody is moving, and where to. They enter the drawing when they are let go. */
export interface Lifted {
  readonly marks: ReadonlySet<Mark>;
  readonly matrix: Matrix;
}

/** Parameters that change together with a drawing, before and after that step. */
export interface ParamsStep {
  readonly before: ParamsPatch;
  readonly after: ParamsPatch;
}

/** A state to go back to. `params` belongs to the step between this state and the next one on the way to the current. */
export interface HistoryStep {
  readonly state: DrawingState;
  readonly params?: ParamsStep | undefined;
}

/** A drawing with its steps to undo and to redo: plain data. The latest of each comes last. */
export interface DrawingHistory {
  readonly state: DrawingState;
  readonly past: readonly HistoryStep[];
  readonly future: readonly HistoryStep[];
}

/** A step of one person in a drawing that others change too: undo takes back what it changed. */
export interface OwnStep {
  readonly before: DrawingState;
  readonly after: DrawingState;
  readonly params?: ParamsStep | undefined;
}

/** One person's steps to undo and to redo: plain data. The next of each comes last. */
export interface OwnSteps {
  readonly past: readonly OwnStep[];
  readonly future: readonly OwnStep[];
}

/** Undo or redo of a step with parameters asks for these again. */
export class ParamsAgainEvent extends Event {
  constructor(readonly params: ParamsPatch) {
    super('paramsagain');
  }
}

/**
 * The drawing behind a sketch: one person's, or one that a room shares. It fires
 * `change` on every change, and `paramsagain` on the undo or redo of a step with parameters.
 */
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
  /** Makes a change that one undo takes back. @param params what changes in the same step; the caller sends the new ones */
  change(change: Partial<DrawingState>, params?: ParamsStep): void;
  /** Makes a change without a step in the history, such as each position of a slider. */
  amend(change: Partial<DrawingState>): void;
  undo(): void;
  redo(): void;
  clear(): void;
  /** This person's steps, if others change the drawing too. */
  readonly ownSteps?: OwnSteps;
  /** Goes on with the steps from before a reload. */
  restoreSteps?(steps: OwnSteps): Promise<void>;
  /** Marks that somebody moves at the moment. */
  readonly lifted: readonly Lifted[];
  /** Shows marks elsewhere without changing the drawing; null ends it. */
  lift(lifted: Lifted | null): void;
}

const MAX_UNDO = 500;

/** A drawing with its history. States share their marks, so hundreds of steps take little memory. */
export class Drawing extends EventTarget implements SketchDrawing {
  readonly isEditable: boolean;
  #state: DrawingState = EMPTY_DRAWING;
  #lifted: readonly Lifted[] = [];
  #past: readonly HistoryStep[] = [];
  #future: readonly HistoryStep[] = [];

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

  get history(): DrawingHistory {
    return { state: this.#state, past: this.#past, future: this.#future };
  }

  /** Replaces the drawing and its steps. */
  set history({ state, past, future }: DrawingHistory) {
    this.#past = past;
    this.#future = future;
    this.#become(state);
  }

  adopt(picture: Blob): Promise<Blob> {
    return Promise.resolve(picture);
  }

  add(mark: Mark): void {
    this.change({ marks: [...this.#state.marks, mark] });
  }

  change(change: Partial<DrawingState>, params?: ParamsStep): void {
    if (!this.isEditable) return;
    this.#past = [...this.#past.slice(1 - MAX_UNDO), { state: this.#state, params }];
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
    this.#future = [...this.#future, { state: this.#state, params: last.params }];
    this.#become(last.state, last.params?.before);
  }

  redo(): void {
    const next = this.#future.at(-1);
    if (next === undefined) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, { state: this.#state, params: next.params }];
    this.#become(next.state, next.params?.after);
  }

  clear(): void {
    if (!this.isEmpty) this.change({ marks: [], background: null });
  }

  get lifted(): readonly Lifted[] {
    return this.#lifted;
  }

  lift(lifted: Lifted | null): void {
    this.#lifted = lifted === null ? [] : [lifted];
    this.dispatchEvent(new Event('change'));
  }

  #become(state: DrawingState, params?: ParamsPatch): void {
    this.#state = { ...state, marks: withIds(state.marks) };
    this.dispatchEvent(new Event('change'));
    if (params !== undefined) this.dispatchEvent(new ParamsAgainEvent(params));
  }
}

export function withIds(marks: readonly Mark[]): readonly Mark[] {
  return marks.every(({ id }) => id !== undefined)
    ? marks
    : marks.map((mark) => (mark.id === undefined ? { ...mark, id: newId() } : mark));
}
