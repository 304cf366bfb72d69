import * as Y from 'yjs';
import { EMPTY_DRAWING, type BackgroundPicture, type DrawingState, type SketchDrawing } from '../drawing/drawing.js';
import type { Mark } from '../drawing/marks.js';
import { decodeMark, encodeMark } from './mark-codec.js';
import { toRoomPicture } from './room-picture.js';

/** Changes of the person here that undo takes back. */
const EDIT = 'edit';
const AMENDMENT = 'amendment';

/**
 * The drawing that everybody in a room shares, as a Yjs document: a list `marks` of encoded marks in the order in which
 * they are painted, and a map `background` with `file` and `opacity`. What is shown is read from the document alone, so
 * equal documents make equal pixels. Undo takes back what the person here did, and nothing of anybody else.
 */
export class RoomDrawing extends EventTarget implements SketchDrawing {
  readonly doc = new Y.Doc();
  readonly #marks = this.doc.getArray<Uint8Array>('marks');
  readonly #background = this.doc.getMap<unknown>('background');
  readonly #history = new Y.UndoManager([this.#marks, this.#background], {
    trackedOrigins: new Set([EDIT]),
    captureTimeout: 0,
  });
  /** Of what the document holds, so that an unchanged mark stays the same object. */
  readonly #read = new WeakMap<Uint8Array, Mark | null>();
  readonly #blobs = new WeakMap<Uint8Array, Blob>();
  readonly #files = new WeakMap<Blob, Uint8Array>();
  #state: DrawingState | null = EMPTY_DRAWING;
  #isEditable = true;

  constructor() {
    super();
    this.doc.on('update', () => {
      this.#state = null;
      this.refresh();
    });
  }

  /** Has it painted again, also when it is as it was. */
  refresh(): void {
    this.dispatchEvent(new Event('change'));
  }

  get state(): DrawingState {
    return (this.#state ??= { marks: this.#readMarks(), background: this.#readBackground() });
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
    return this.#isEditable && this.#history.canUndo();
  }

  get canRedo(): boolean {
    return this.#isEditable && this.#history.canRedo();
  }

  async adopt(picture: Blob): Promise<Blob> {
    return this.#files.has(picture) ? picture : this.#blobOf(await toRoomPicture(picture));
  }

  add(mark: Mark): void {
    if (this.#isEditable) this.doc.transact(() => this.#marks.push([this.#encode(mark)]), EDIT);
  }

  change(change: Partial<DrawingState>): void {
    this.#write(change, EDIT);
  }

  amend(change: Partial<DrawingState>): void {
    this.#write(change, AMENDMENT);
  }

  undo(): void {
    if (this.#isEditable) this.#history.undo();
  }

  redo(): void {
    if (this.#isEditable) this.#history.redo();
  }

  clear(): void {
    if (!this.isEmpty) this.change(EMPTY_DRAWING);
  }

  #write({ marks, background }: Partial<DrawingState>, origin: string): void {
    if (!this.#isEditable) return;
    this.doc.transact(() => {
      if (marks !== undefined) this.#writeMarks(marks);
      if (background !== undefined) this.#writeBackground(background);
    }, origin);
  }

  /** Marks that stay are not touched: what others add to them meanwhile stays too. */
  #writeMarks(marks: readonly Mark[]): void {
    const before = this.#marks.toArray().map((bytes) => this.#decode(bytes));
    let kept = 0;
    while (kept < before.length && kept < marks.length && before[kept] === marks[kept]) kept++;
    if (kept < before.length) this.#marks.delete(kept, before.length - kept);
    if (kept < marks.length) this.#marks.push(marks.slice(kept).map((mark) => this.#encode(mark)));
  }

  #writeBackground(background: BackgroundPicture | null): void {
    if (background === null) return this.#background.clear();
    const file = this.#fileOf(background.blob);
    if (this.#background.get('file') !== file) this.#background.set('file', file);
    this.#background.set('opacity', background.opacity);
  }

  #readMarks(): Mark[] {
    return this.#marks.toArray().flatMap((bytes) => this.#decode(bytes) ?? []);
  }

  #readBackground(): BackgroundPicture | null {
    const [file, opacity] = [this.#background.get('file'), this.#background.get('opacity')];
    if (!(file instanceof Uint8Array)) return null;
    return { blob: this.#blobOf(file), opacity: typeof opacity === 'number' ? opacity : 1 };
  }

  #encode(mark: Mark): Uint8Array {
    return encodeMark(mark, (blob) => this.#fileOf(blob));
  }

  #decode(bytes: unknown): Mark | null {
    if (!(bytes instanceof Uint8Array)) return null;
    const known = this.#read.get(bytes);
    if (known !== undefined) return known;
    const mark = decodeMark(bytes, (file) => this.#blobOf(file));
    this.#read.set(bytes, mark);
    return mark;
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
