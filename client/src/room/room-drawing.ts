import * as Y from 'yjs';
import { EMPTY_DRAWING, type BackgroundPicture, type DrawingState, type SketchDrawing } from '../drawing/drawing.js';
import type { Mark } from '../drawing/marks.js';
import { decodeMark, encodeMark } from './mark-codec.js';
import { toRoomPicture } from './room-picture.js';

/** The origin of changes made here that undo takes back. */
const EDIT = 'edit';
/** The origin of changes made here that undo does not take back. */
const AMENDMENT = 'amendment';

/**
 * The shared drawing of a room, as a Yjs document: a list `marks` of encoded marks in the order of painting, and a map
 * `background` with `file` and `opacity`. `state` is read from the document alone, so equal documents give equal pixels.
 * Undo takes back this person's changes only.
 */
export class RoomDrawing extends EventTarget implements SketchDrawing {
  readonly document = new Y.Doc();
  readonly #marks = this.document.getArray<Uint8Array>('marks');
  readonly #background = this.document.getMap<unknown>('background');
  readonly #history = new Y.UndoManager([this.#marks, this.#background], {
    trackedOrigins: new Set([EDIT]),
    captureTimeout: 0,
  });
  /** Caches decoded marks, so that an unchanged mark stays the same object. */
  readonly #read = new WeakMap<Uint8Array, Mark | null>();
  readonly #blobs = new WeakMap<Uint8Array, Blob>();
  readonly #files = new WeakMap<Blob, Uint8Array>();
  #state: DrawingState | null = EMPTY_DRAWING;
  #isEditable = true;

  constructor() {
    super();
    this.document.on('update', () => {
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
    return this.document.clientID;
  }

  close(): void {
    this.document.destroy();
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
    if (this.#isEditable) this.document.transact(() => this.#marks.push([this.#encode(mark)]), EDIT);
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
    this.document.transact(() => {
      if (marks !== undefined) this.#writeMarks(marks);
      if (background !== undefined) this.#writeBackground(background);
    }, origin);
  }

  /** Leaves common first marks untouched, so that concurrent additions of other members survive. */
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
