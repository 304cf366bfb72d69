import { EMPTY_DRAWING, type Drawing, type DrawingState, type SketchDrawing } from '../drawing/drawing.js';
import { starterMarks } from '../drawing/starter.js';
import {
  loadSheet,
  newSheetId,
  pruneSheets,
  roomSheetId,
  saveSheet,
  type KeptTool,
  type Sheet,
  type SheetDetails,
} from '../kept/sheets.js';
import { TabSheet } from '../kept/tab-sheet.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

interface SheetHost extends AttachedHost {
  /** The name to save under; empty to save nothing. */
  readonly autosave: string;
  readonly starter: boolean;
  /** The drawing on the sheet: the person's own, or a shared one. */
  readonly drawing: SketchDrawing;
  /** The id to save a shared drawing under; empty for none. */
  readonly sharedSheet: string;
  readonly keptTool: KeptTool;
}

interface SheetOptions {
  readonly own: Drawing;
  /** What to save beside the drawing; null if it is not known at the moment. */
  readonly details: () => SheetDetails | null;
  /** A kept drawing is on the sheet; null: there was none under this name. */
  readonly onSheet: (sheet: Sheet | null) => void;
}

const PAUSE_MS = 600;
/** Other people draw all the time. */
const SHARED_PAUSE_MS = 2_000;
/** The starter comes after this time if the browser has not answered. The kept drawing then replaces it. */
const PATIENCE_MS = 2_000;
export const NO_DETAILS: SheetDetails = { words: '', picture: null, settings: {} };

/** What a page may do with the kept drawings. */
export type SheetActions = Pick<SheetController, 'id' | 'touch' | 'open' | 'openNew' | 'put' | 'branch'>;

/**
 * Saves the drawing in the browser after a pause, and puts the first one on the sheet: the one that this tab had, or else
 * the starter. A page may set `autosave` and `starter` late. A kept drawing that arrives after the person has drawn
 * replaces that as a step that undo takes back.
 */
export class SheetController extends AttachedController<SheetHost> {
  readonly #options: SheetOptions;
  #placed: Promise<void> = Promise.resolve();
  #tab: TabSheet | null = null;
  #name = '';
  /** The drawing as it was saved or loaded last. */
  #saved: unknown = EMPTY_DRAWING;
  #savedShared: unknown = null;
  /** The shared drawing whose kept steps were loaded; nothing is saved before. */
  #restored: SketchDrawing | null = null;
  #loading: SketchDrawing | null = null;
  #seen: unknown = null;
  #details = NO_DETAILS;
  #hasContent = false;
  /** Nothing is saved under a name before the drawing kept there was loaded. */
  #isLoaded = false;
  #isDirty = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: SheetHost, options: SheetOptions) {
    super(host);
    this.#options = options;
  }

  /** Settles when the first drawing is on the sheet. */
  get placed(): Promise<void> {
    return this.#placed;
  }

  /** The id of the drawing on the sheet; empty if none is kept. */
  get id(): string {
    return this.#tab?.id ?? '';
  }

  /** Saves after a pause, because something beside the drawing has changed. */
  touch(): void {
    this.#isDirty = true;
    this.#schedule(PAUSE_MS);
  }

  /** Goes on with another kept drawing. */
  open(id: string): Promise<void> {
    this.#save();
    this.#placed = this.#placed.then(() => this.#show(id));
    return this.#placed;
  }

  /** Goes on with an empty sheet. The drawing before stays kept. */
  openNew(): void {
    this.branch();
    this.#saved = EMPTY_DRAWING;
    this.#own.history = { state: EMPTY_DRAWING, past: [], future: [] };
  }

  /** Replaces the person's own drawing, also while a shared one is shown. One undo brings the old one back. */
  put(state: DrawingState): void {
    this.#own.change(state);
    this.touch();
  }

  /** Saves from now on under a new id, so that the drawing stays kept as it is now. */
  branch(): void {
    this.#save();
    this.#takeNew();
    void pruneSheets(this.#name).catch(() => undefined);
  }

  protected override attached(): void {
    globalThis.addEventListener('pagehide', this.#save);
    if (this.#tab !== null) this.#openTab().take(this.#tab.id);
  }

  protected override detached(): void {
    globalThis.removeEventListener('pagehide', this.#save);
    this.#save();
    this.#tab?.close();
  }

  protected override afterUpdate(): void {
    const { autosave, starter } = this.host;
    const isNewName = autosave !== this.#name;
    if (isNewName || (starter && this.#isBlank)) {
      this.#name = autosave;
      if (isNewName) this.#isLoaded = false;
      this.#placed = this.#placed.then(() => this.#place(isNewName));
    }
    if (this.#isShared && this.#isLoaded) void this.#restoreSteps(this.host.drawing);
    const { state } = this.host.drawing;
    if (state === this.#seen) return;
    this.#seen = state;
    if (this.#isChanged) this.#schedule(this.#isShared ? SHARED_PAUSE_MS : PAUSE_MS);
  }

  get #own(): Drawing {
    return this.#options.own;
  }

  get #isShared(): boolean {
    return this.host.sharedSheet !== '';
  }

  get #isChanged(): boolean {
    const { drawing } = this.host;
    if (this.#isShared) return !drawing.isEmpty && drawing.state !== this.#savedShared;
    return this.#own.state !== this.#saved;
  }

  get #isUntouched(): boolean {
    return this.#own.state === this.#saved && !this.#own.canUndo && !this.#own.canRedo;
  }

  get #isBlank(): boolean {
    return !this.#hasContent && this.#own.isEmpty && this.#isUntouched;
  }

  async #place(isNewName: boolean): Promise<void> {
    if (!isNewName || this.#name === '') return this.#begin();
    this.#hasContent = false;
    const loading = this.#loadOfTab(this.#name);
    await Promise.race([loading, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    this.#begin();
  }

  /** Puts the starter on a blank sheet. */
  #begin(): void {
    if (!this.host.starter || !this.#isBlank) return;
    this.#own.amend({ marks: starterMarks() });
    this.#saved = this.#own.state;
  }

  async #loadOfTab(name: string): Promise<void> {
    this.#tab?.close();
    const tab = this.#openTab();
    const sheet = await tab
      .choose()
      .then(loadSheet)
      .catch(() => null);
    if (name !== this.#name) return;
    if (sheet !== null) {
      if (this.#isUntouched) this.#own.history = sheet.drawing;
      else this.#own.change(sheet.drawing.state);
      this.#remember(sheet);
    }
    this.#isLoaded = true;
    this.host.requestUpdate();
    this.#options.onSheet(sheet);
  }

  #openTab(): TabSheet {
    this.#tab = new TabSheet(this.#name, () => this.#tabOnTaken());
    return this.#tab;
  }

  #tabOnTaken(): void {
    this.#takeNew();
    this.touch();
    this.#save();
  }

  #takeNew(): void {
    this.#tab?.take(newSheetId());
    this.#hasContent = false;
  }

  async #show(id: string): Promise<void> {
    const sheet = await loadSheet(id).catch(() => null);
    if (sheet === null || this.#tab === null) return;
    const isRoom = id.startsWith(roomSheetId(''));
    this.#tab.take(isRoom ? newSheetId() : id);
    this.#own.history = sheet.drawing;
    this.#remember(sheet);
    this.#hasContent = !isRoom;
    this.#options.onSheet(sheet);
  }

  #remember({ words, picture, settings }: Sheet): void {
    this.#details = { words, picture, settings };
    Object.assign(this.host, settings.tool);
    this.#hasContent = true;
    this.#saved = this.#own.state;
  }

  #schedule(pauseMs: number): void {
    if (this.#isShared && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#save, pauseMs);
  }

  #save = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const isChanged = this.#isChanged;
    if (!this.#isLoaded || !(isChanged || this.#isDirty) || this.#tab === null) return;
    this.#isDirty = false;
    this.#details = this.#options.details() ?? this.#details;
    const settings = { ...this.#details.settings, tool: this.host.keptTool };
    const summary = { ...this.#details, settings, name: this.#name, savedAt: Date.now() };
    if (this.#isShared) return this.#saveShared(summary);
    const isComplete = isChanged || !this.#hasContent;
    this.#saved = this.#own.state;
    this.#hasContent = true;
    const sheet = { ...summary, id: this.#tab.id, ...(isComplete && { drawing: this.#own.history }) };
    void saveSheet(sheet).catch(() => undefined);
  };

  #saveShared(summary: Omit<Sheet, 'id' | 'drawing'>): void {
    const { state, isEmpty, ownSteps } = this.host.drawing;
    if (isEmpty || this.host.drawing !== this.#restored) return;
    this.#savedShared = state;
    const drawing = { state, past: [], future: [] };
    const steps = ownSteps && { ...ownSteps, tab: this.id };
    void saveSheet({ ...summary, id: this.host.sharedSheet, drawing, steps }).catch(() => undefined);
  }

  /** Undo in a room goes on where it was before this tab was reloaded. */
  async #restoreSteps(drawing: SketchDrawing): Promise<void> {
    if (drawing === this.#restored || this.#loading === drawing) return;
    this.#loading = drawing;
    const sheet = await loadSheet(this.host.sharedSheet).catch(() => null);
    if (sheet?.steps?.tab === this.id) await drawing.restoreSteps?.(sheet.steps).catch(() => undefined);
    this.#restored = drawing;
  }
}
