import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { query, state } from 'lit/decorators.js';
import { DrawingController } from '../../controllers/drawing-controller.js';
import { FileDropController } from '../../controllers/file-drop-controller.js';
import { GestureController } from '../../controllers/gesture-controller.js';
import { HeldKeysController } from '../../controllers/held-keys-controller.js';
import { KeyPenController } from '../../controllers/key-pen-controller.js';
import { PictureInputController } from '../../controllers/picture-input-controller.js';
import { RingController } from '../../controllers/ring-controller.js';
import { SelectController } from '../../controllers/select-controller.js';
import { SheetController, type SheetActions } from '../../controllers/sheet-controller.js';
import { sheetPlaces } from '../../controllers/sheet-frame.js';
import {
  EMPTY_DRAWING,
  ParamsAgainEvent,
  type DrawingHistory,
  type DrawingState,
  type ParamsStep,
  type SketchDrawing,
} from '../../drawing/drawing.js';
import { SKETCH_WIDTH, type Mark, type Point, type Tool } from '../../drawing/marks.js';
import type { Hand } from '../../drawing/hand.js';
import { keepColour, recentColours } from '../../drawing/recent-colours.js';
import { Pen } from '../../drawing/pen.js';
import { cssTransform } from '../../drawing/viewport.js';
import { deferredSource, pictureSource, type PictureSource } from '../../stream/picture-source.js';
import { extent, renderExtent } from '../extent.js';
import { runSketchKey } from '../shortcuts.js';
import { theme } from '../theme.styles.js';
import { loadHands, selectSheetOf } from './select-sheet.js';
import { renderBrush, renderLayers, renderToolbar } from './sketch-parts.js';
import { SketchSettings } from './sketch-settings.js';
import { renderStage } from './sketch-stage.js';
import { styles } from './underpaint-sketch.styles.js';

/**
 * A sketchpad. Its canvas can be the source of a stream.
 *
 * @slot over - content over the drawing that moves and grows with it
 * @csspart toolbar - the drawing tools
 * @csspart brush - colours and brush
 * @csspart stage - the frame around the canvas
 * @csspart canvas - the canvas
 */
export class UnderpaintSketch extends SketchSettings {
  static override styles = [theme, extent, styles];

  @query('canvas') private readonly canvas!: HTMLCanvasElement;
  @query('.ring') private readonly ring!: HTMLElement | null;

  readonly #canvas = new DrawingController(this, {
    onPaint: () => this.dispatchEvent(new CustomEvent('up-sketch')),
    loadLifted: loadHands,
    onParamsAgain: ({ params }) => this.dispatchEvent(new ParamsAgainEvent(params)),
  });
  readonly #pen = new Pen({
    settings: (as) => (as === null ? this.toolSettings : this.settingsOf(as)),
    showLive: (mark) => (this.#canvas.live = mark),
    addMark: (mark) => this.#add(mark),
    pickAt: (point) => this.#pickAt(point),
    picked: () => this.picked(),
  });
  readonly #ring = new RingController(this, () => this.ring);
  readonly #held = new HeldKeysController(this, {
    isForSheet: () => this.#ring.isOver || (this.hasUpdated && this.canvas.matches(':focus')),
    onShift: (isHeld) => this.#gestures.constrain(isHeld),
  });
  readonly #gestures = new GestureController(this, {
    canvas: () => this.canvas,
    hand: (as) => this.#hand(as),
    isViewHeld: () => this.#held.take(),
    onView: () => this.dispatchEvent(new CustomEvent('up-viewport')),
  });
  readonly #keys = new KeyPenController(this, { hand: () => this.#hand(null), wasSpaceUsed: () => this.#held.wasUsed });
  readonly #select = new SelectController(this, {
    load: loadHands,
    sheet: selectSheetOf(this),
  });
  readonly #pictures = new PictureInputController(this, {
    onChosen: (picture) => void this.setBackground(picture),
    onPasted: (picture) => void this.placePicture(picture),
  });
  readonly #sheet = new SheetController(this, {
    own: this.#canvas.own,
    details: () => this.details(),
    onSheet: (sheet) => this.dispatchEvent(new CustomEvent('up-sheet', { detail: sheet })),
  });
  #frames: PictureSource | null = null;
  @state() private layersOpen = false;
  @state() private recentColours = recentColours();
  /** Frames of the canvas. Call `StreamClient.changed()` on `up-sketch`. */
  readonly source: PictureSource = deferredSource(() => this.#ready());

  constructor() {
    super();
    this.addEventListener('keydown', (event) => runSketchKey(event, this));
    this.addEventListener('up-tool', () => this.#sheet.touch());
    new FileDropController(this, (file, at) => void this.placePicture(file, this.placeOf(at)));
  }

  /** The place of a pointer as fractions of the sheet. Outside of it they are below 0 or above 1. */
  placeOf(at: { readonly clientX: number; readonly clientY: number }): readonly [x: number, y: number] {
    return sheetPlaces(this.canvas.parentElement!)(at);
  }

  /** CSS pixels in a 256th of the sheet's width, as it is shown now. */
  get unitPx(): number {
    return ((this.canvas?.offsetWidth ?? SKETCH_WIDTH) * this.#gestures.viewport.scale) / SKETCH_WIDTH;
  }

  /** Runs the action that a key has for the selected objects. @returns false if it has none */
  selectionKey(event: KeyboardEvent): boolean {
    return this.#select.tool?.keydown(event) ?? false;
  }

  /** Gives the sheet the focus. */
  override focus(options?: FocusOptions): void {
    this.canvas.focus(options);
  }

  /** The drawing on the sheet: the person's own, or a shared one if it is set. */
  override get drawing(): SketchDrawing {
    return this.#canvas.drawing;
  }

  set drawing(drawing: SketchDrawing | null) {
    this.#canvas.drawing = drawing ?? this.#canvas.own;
  }

  /** Whether a mark is being drawn now. */
  get isPenDown(): boolean {
    return this.#pen.isDown;
  }

  /** Whether objects are being moved, scaled or turned now. */
  get isMoving(): boolean {
    return this.#select.tool?.hand.isDown ?? false;
  }

  /** The content of the drawing: plain data to keep and to give to `restore`. */
  get state(): DrawingState {
    return this.#canvas.drawing.state;
  }

  /** Replaces the drawing. One undo brings the old one back. */
  restore(state: DrawingState, params?: ParamsStep): Promise<void> {
    return this.#canvas.change({ ...EMPTY_DRAWING, ...state }, { params });
  }

  /** The drawing with the person's steps to undo, to copy. */
  get history(): Pick<DrawingHistory, 'state' | 'past'> {
    return this.#canvas.history;
  }

  /** The kept drawing on the sheet, which `autosave` saves. */
  get sheet(): SheetActions {
    return this.#sheet;
  }

  /** Takes the last change back: the stroke under way, if there is one. */
  undo(): void {
    const hand = this.#hand(null);
    if (hand.isDown) hand.cancel();
    else this.#canvas.drawing.undo();
  }

  /** Repeats the change that `undo` took back. */
  redo(): void {
    this.#canvas.drawing.redo();
  }

  /** Removes everything. One undo brings it back. */
  clear(): void {
    this.#canvas.drawing.clear();
  }

  /** Asks the person for a picture file to put behind the drawing. */
  background(): void {
    this.#pictures.choose();
  }

  /** Shows or hides the layers. */
  layers(): void {
    this.layersOpen = !this.layersOpen;
    if (this.layersOpen) void loadHands();
  }

  /** Marks alone, without the sheet, as a PNG file. */
  pictureOf(marks: readonly Mark[], opacity = 1): Promise<Blob> {
    return this.#canvas.picture(marks, opacity);
  }

  /** Puts a picture behind the drawing; null removes it. A file that is not a picture causes an `up-notice`. */
  async setBackground(picture: Blob | null, opacity = 1): Promise<void> {
    const background = picture === null ? null : { blob: picture, opacity };
    await this.#canvas.change({ background }).catch(() => this.#notify(this.strings.badPicture));
  }

  /** Paints a picture over everything, as one more mark. */
  async addPicture(picture: Blob): Promise<void> {
    await this.#canvas.addPicture(picture).catch(() => this.#notify(this.strings.badPicture));
  }

  /** Puts a picture on top, as a selected object. @param at the place of its middle, as fractions of the sheet */
  async placePicture(picture: Blob, at: readonly [x: number, y: number] = [0.5, 0.5]): Promise<void> {
    try {
      const id = await this.#canvas.placePicture(picture, [at[0] * SKETCH_WIDTH, at[1] * this.unitHeight]);
      this.choose({ tool: 'select' });
      const tool = await this.#select.load();
      tool.select(this.state.marks.filter((mark) => mark.id === id));
    } catch {
      this.#notify(this.strings.badPicture);
    }
  }

  /** The current CSS transform of the canvas, for elements over it. */
  get transform(): string {
    return cssTransform(this.#gestures.viewport);
  }

  /** Enlarges the view about its middle, up to 8 times. */
  zoom(factor: number): void {
    this.#gestures.zoom(factor);
  }

  /** Shows the whole sketch. */
  resetView(): void {
    this.#gestures.resetView();
  }

  /** The sketch as a PNG file. */
  async toBlob(): Promise<Blob> {
    await this.updateComplete;
    return new Promise((resolve, reject) => {
      this.canvas.toBlob((blob) => (blob === null ? reject(new Error('the sketch is too large')) : resolve(blob)));
    });
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('shape')) void this.#canvas.attach(this.canvas, this.shape);
    if (changed.has('ground')) this.#canvas.repaint();
  }

  override render(): TemplateResult {
    const { drawing } = this;
    return html`${renderExtent()}
      <div class="frame">
        <div class="layout">
          ${drawing.isEditable ? renderToolbar(this, (command) => this[command]()) : nothing}
          ${renderStage({
            gestures: this.#gestures,
            ring: this.#ring,
            keys: this.#keys,
            select: this.#select.tool,
            shape: this.shape,
            tool: this.#held.isSpaceHeld ? 'pan' : this.toolSettings.tool,
            strings: this.strings,
          })}
          <div class="brush" ?hidden=${!drawing.isEditable}>
            ${drawing.isEditable ? renderBrush(this, { recent: this.recentColours }) : nothing}
            ${renderLayers(this, this.layersOpen)}
          </div>
        </div>
      </div>`;
  }

  /** The first frame already shows the first drawing, and every frame shows all changes made so far. */
  async #ready(): Promise<PictureSource> {
    await this.updateComplete;
    await this.#sheet.placed;
    await this.#canvas.flush();
    return (this.#frames ??= pictureSource(this.canvas));
  }

  #add(mark: Mark): void {
    this.drawing.add(this.activeLayer === 0 ? mark : { ...mark, layer: this.activeLayer });
    if ('color' in mark && mark.kind !== 'eraser') this.recentColours = keepColour(mark.color);
  }

  #hand(as: Tool | null): Hand {
    return (as === null ? this.#select.tool?.hand : null) ?? this.#pen;
  }

  #pickAt([x, y]: Point): void {
    const color = this.#canvas.colorAt(x, y);
    if (color !== null) this.choose({ color });
  }

  #notify(text: string): void {
    this.dispatchEvent(new CustomEvent('up-notice', { detail: text, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-sketch': UnderpaintSketch;
  }
}
