import * as Y from 'yjs';
import {
  EMPTY_DRAWING,
  ParamsAgainEvent,
  withIds,
  type BackgroundPicture,
  type DrawingState,
  type Lifted,
  type OwnStep,
  type OwnSteps,
  type ParamsStep,
  type SketchDrawing,
} from '../drawing/drawing.js';
import { MAX_LAYERS, ONE_LAYER, type Layer, type Paper } from '../drawing/layers.js';
import { newId, type Mark } from '../drawing/marks.js';
import { adoptSteps } from './adopt-steps.js';
import { decodeLayer, encodeLayer } from './layer-codec.js';
import { MarkAuthors } from './mark-authors.js';
import { KeptSteps } from './kept-steps.js';
import { decodeMark, encodeMark } from './mark-codec.js';
import { toRoomPicture } from './room-picture.js';
import { documentOf } from './shared-document.js';
import { SharedList } from './shared-list.js';

/** The origin of changes made here that undo takes back. */
const EDIT = 'edit';
/** The origin of changes made here that undo does not take back. */
const AMENDMENT = 'amendment';
/** The key of a step in Yjs's history. */
const STEP = 'step';

/**
 * The shared drawing of a room, as a Yjs document: a list `marks` of encoded marks in the order of painting, a list
 * `layers`, and a map `background` with `file`, `opacity` and `paper`. `state` is read from the document alone, so equal documents give equal pixels.
 * Undo takes back this person's changes only.
 */
export class RoomDrawing extends EventTarget implements SketchDrawing {
  readonly #document = documentOf(this);
  readonly #markList = this.#document.getArray<Uint8Array>('marks');
  readonly #layerList = this.#document.getArray<Uint8Array>('layers');
  readonly #background = this.#document.getMap<unknown>('background');
  readonly #history = new Y.UndoManager([this.#markList, this.#layerList, this.#background], {
    trackedOrigins: new Set([EDIT]),
    captureTimeout: 0,
  });
  readonly #marks = new SharedList<Mark>(this.#markList, {
    encode: (mark) => encodeMark(mark, (blob) => this.#fileOf(blob)),
    decode: (bytes) => decodeMark(bytes, (file) => this.#blobOf(file)),
    idOf: ({ id }) => id,
  });
  readonly #authors = new MarkAuthors(this.#markList, (bytes) => this.#marks.decoded(bytes)?.id);
  readonly #layers = new SharedList<Layer>(this.#layerList, {
    encode: encodeLayer,
    decode: decodeLayer,
    idOf: ({ id }) => id,
  });
  readonly #kept = new KeptSteps({
    state: () => this.state,
    write: (change) => this.#write(change, AMENDMENT),
  });
  readonly #blobs = new WeakMap<Uint8Array, Blob>();
  readonly #files = new WeakMap<Blob, Uint8Array>();
  #state: DrawingState | null = EMPTY_DRAWING;
  #isEditable = true;
  #own: Lifted | null = null;
  #others: readonly Lifted[] = [];

  constructor() {
    super();
    this.#document.on('update', () => {
      this.#state = null;
      this.refresh();
    });
  }

  /** Requests a repaint, even if nothing has changed. */
  refresh(): void {
    this.dispatchEvent(new Event('change'));
  }

  /** The author of the marks made here: Yjs's number for this copy of the document. */
  get author(): number {
    return this.#document.clientID;
  }

  /** The marks on the sheet that an author drew, in painting order. */
  marksOf(author: number): readonly Mark[] {
    return this.state.marks.filter(({ id }) => this.#authors.of(id) === author);
  }

  /** Takes an author's marks off the sheet, all or the newest, as a step of this person's own. */
  takeBack(author: number, which: 'all' | 'newest'): void {
    const theirs = this.marksOf(author);
    const taken = new Set(which === 'all' ? theirs : theirs.slice(-1));
    if (taken.size > 0) this.change({ marks: this.state.marks.filter((mark) => !taken.has(mark)) });
  }

  close(): void {
    this.#document.destroy();
  }

  get state(): DrawingState {
    return (this.#state ??= this.#readState());
  }

  get isEmpty(): boolean {
    return this.state.marks.length === 0 && this.state.background === null;
  }

  get isEditable(): boolean {
    return this.#isEditable;
  }

  set isEditable(isEditable: boolean) {
    this.#isEditable = isEditable;
    this.refresh();
  }

  get canUndo(): boolean {
    return this.#isEditable && (this.#history.canUndo() || this.#kept.steps.past.length > 0);
  }

  get canRedo(): boolean {
    return this.#isEditable && (this.#history.canRedo() || this.#kept.steps.future.length > 0);
  }

  async adopt(picture: Blob): Promise<Blob> {
    return this.#files.has(picture) ? picture : this.#blobOf(await toRoomPicture(picture));
  }

  add(mark: Mark): void {
    this.#step(() => this.#document.transact(() => this.#marks.push({ id: newId(), ...mark }), EDIT));
  }

  change(change: Partial<DrawingState>, params?: ParamsStep): void {
    this.#step(() => this.#write(change, EDIT), params);
  }

  amend(change: Partial<DrawingState>): void {
    this.#write(change, AMENDMENT);
  }

  undo(): void {
    if (!this.#isEditable) return;
    const step = stepOf(this.#history.undo());
    if (step !== undefined) this.#history.redoStack.at(-1)?.meta.set(STEP, step);
    const params = step === undefined ? this.#kept.undo() : step.params;
    if (params !== undefined) this.dispatchEvent(new ParamsAgainEvent(params.before));
  }

  redo(): void {
    if (!this.#isEditable) return;
    // Kept steps are undone last.
    const isKept = this.#kept.steps.future.length > 0;
    const step = isKept ? undefined : stepOf(this.#history.redo());
    if (step !== undefined) this.#history.undoStack.at(-1)?.meta.set(STEP, step);
    const params = isKept ? this.#kept.redo() : step?.params;
    if (params !== undefined) this.dispatchEvent(new ParamsAgainEvent(params.after));
  }

  get ownSteps(): OwnSteps {
    const { past, future } = this.#kept.steps;
    const { undoStack, redoStack } = this.#history;
    const stepsOf = (stack: typeof undoStack) => stack.flatMap((item) => stepOf(item) ?? []);
    return { past: [...past, ...stepsOf(undoStack)], future: [...stepsOf(redoStack), ...future] };
  }

  /** Has no effect after the person's first step. */
  async restoreSteps({ past, future }: OwnSteps): Promise<void> {
    const adopt = async (blob: Blob) => this.#blobOf(new Uint8Array(await blob.arrayBuffer()));
    const restored = { past: await adoptSteps(past, adopt), future: await adoptSteps(future, adopt) };
    if (this.#history.canUndo() || this.#history.canRedo()) return;
    this.#kept.steps = restored;
    this.refresh();
  }

  clear(): void {
    if (!this.isEmpty) this.change({ marks: [], background: null });
  }

  get lifted(): readonly Lifted[] {
    return this.#own === null ? this.#others : [...this.#others, this.#own];
  }

  /** Also tells the room, by an event `lift`. */
  lift(lifted: Lifted | null): void {
    this.#own = lifted;
    this.dispatchEvent(new CustomEvent('lift', { detail: lifted }));
    this.refresh();
  }

  /** What other members move. */
  set othersLifted(lifted: readonly Lifted[]) {
    if (lifted.length === 0 && this.#others.length === 0) return;
    this.#others = lifted;
    this.refresh();
  }

  #write({ marks, background, layers, paper }: Partial<DrawingState>, origin: string): void {
    if (!this.#isEditable) return;
    this.#document.transact(() => {
      const isDefault = layers === ONE_LAYER && this.#layerList.length === 0;
      if (layers !== undefined && !isDefault) this.#layers.write(layers);
      if (paper !== undefined) this.#writePaper(paper);
      if (marks !== undefined) this.#marks.write(withIds(marks));
      if (background !== undefined) this.#writeBackground(background);
    }, origin);
  }

  /** Makes a change that undo takes back. */
  #step(write: () => void, params?: ParamsStep): void {
    if (!this.#isEditable) return;
    const { state: before } = this;
    const last = this.#history.undoStack.at(-1);
    write();
    const item = this.#history.undoStack.at(-1);
    if (item === undefined || item === last) return;
    const step: OwnStep = { before, after: this.state, params };
    item.meta.set(STEP, step);
    this.#kept.forgetFuture();
  }

  #writePaper(paper: Paper): void {
    if (paper !== this.#readPaper()) this.#background.set('paper', new TextEncoder().encode(paper));
  }

  #writeBackground(background: BackgroundPicture | null): void {
    if (background === null) {
      for (const key of ['file', 'opacity']) this.#background.delete(key);
      return;
    }
    const file = this.#fileOf(background.blob);
    if (this.#background.get('file') !== file) this.#background.set('file', file);
    this.#background.set('opacity', background.opacity);
  }

  #readState(): DrawingState {
    const layers = this.#layers.read().slice(0, MAX_LAYERS);
    this.#authors.note();
    return {
      marks: this.#marks.read(),
      background: this.#readBackground(),
      layers: layers.length === 0 ? ONE_LAYER : layers,
      paper: this.#readPaper(),
    };
  }

  #readPaper(): Paper {
    const bytes = this.#background.get('paper');
    const paper = bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : 'model';
    return /^(model|transparent|#[0-9a-f]{6})$/.test(paper) ? paper : 'model';
  }

  #readBackground(): BackgroundPicture | null {
    const [file, opacity] = [this.#background.get('file'), this.#background.get('opacity')];
    if (!(file instanceof Uint8Array)) return null;
    return { blob: this.#blobOf(file), opacity: typeof opacity === 'number' ? opacity : 1 };
  }

  #blobOf(file: Uint8Array): Blob {
    const blob = this.#blobs.get(file) ?? new Blob([file as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' });
    this.#blobs.set(file, blob);
    this.#files.set(blob, file);
    return blob;
  }

  #fileOf(blob: Blob): Uint8Array {
    const file = this.#files.get(blob);
    if (file === undefined) throw new Error('a picture must be adopted before it is put in a shared drawing');
    return file;
  }
}

function stepOf(item: { readonly meta: Map<unknown, unknown> } | null): OwnStep | undefined {
  return item?.meta.get(STEP) as OwnStep | undefined;
}
