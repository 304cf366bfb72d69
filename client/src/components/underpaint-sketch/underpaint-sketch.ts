import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { AutosaveController } from '../../controllers/autosave-controller.js';
import { DrawingController } from '../../controllers/drawing-controller.js';
import { GestureController } from '../../controllers/gesture-controller.js';
import { KeyPenController } from '../../controllers/key-pen-controller.js';
import { RingController } from '../../controllers/ring-controller.js';
import { PictureInputController } from '../../controllers/picture-input-controller.js';
import type { DrawingState, SketchDrawing } from '../../drawing/drawing.js';
import type { Ground } from '../../drawing/ground.js';
import { DEFAULT_TOOL, type Mark, type Point, type Tool, type ToolSettings } from '../../drawing/marks.js';
import { DEFAULT_PALETTE } from '../../drawing/palette.js';
import { starterMarks } from '../../drawing/starter.js';
import { cssTransform } from '../../drawing/viewport.js';
import { pictureSource, type FrameSource } from '../../stream/picture-source.js';
import { runShortcut, SKETCH_SHORTCUTS } from '../shortcuts.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import type { SketchCommand } from '../underpaint-toolbar/underpaint-toolbar.js';
import { styles } from './underpaint-sketch.styles.js';

/**
 * A sketchpad. What it shows can be the source of a stream.
 *
 * @fires {CustomEvent<void>} up-sketch - what the canvas shows has changed, during a stroke too
 * @fires {CustomEvent<ToolSettings>} up-tool - tool, colour or size was changed by the person
 * @fires {CustomEvent<void>} up-viewport - the view was moved or enlarged
 * @fires {CustomEvent<string>} up-notice - something did not work; `detail` says what, in words
 * @slot over - what lies over the drawing, and moves and grows with it
 * @csspart stage - the frame around the canvas
 * @csspart canvas - the canvas
 */
export class UnderpaintSketch extends LitElement {
  static override styles = [theme, styles];

  /** The tool in hand. */
  @property() tool: Tool = DEFAULT_TOOL.tool;
  /** The colour drawn with, as #rrggbb. */
  @property() color = DEFAULT_TOOL.color;
  /** Diameter of the pen, in 256ths of the picture's width. */
  @property({ type: Number }) size = DEFAULT_TOOL.size;
  /** 0..1 */
  @property({ type: Number }) opacity = DEFAULT_TOOL.opacity;
  /** 0..1: how much lines are evened out. */
  @property({ type: Number }) smoothing = DEFAULT_TOOL.smoothing;
  /** What an empty sketch looks like: `landscape` or a CSS colour. */
  @property() ground: Ground = 'landscape';
  /** Begins with a drawing of a landscape instead of nothing. */
  @property({ type: Boolean }) starter = false;
  /** Keeps the drawing in this browser under this name, and begins with it. */
  @property() autosave = '';
  /** The colours on offer. */
  @property({ attribute: false }) palette: readonly string[] = DEFAULT_PALETTE;
  /** The model's picture, of which the ratio counts. */
  @property({ attribute: false }) shape: { readonly width: number; readonly height: number } = {
    width: 256,
    height: 256,
  };
  /** The words it shows and says; `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  @query('canvas') private readonly canvas!: HTMLCanvasElement;
  /** @internal */
  @query('.ring') readonly ring!: HTMLElement | null;

  readonly #canvas = new DrawingController(this, () => this.dispatchEvent(new CustomEvent('up-sketch')));
  readonly #gestures = new GestureController(this);
  readonly #ring = new RingController(this);
  readonly #keys = new KeyPenController(this, this.#gestures.pen);
  readonly #pictures = new PictureInputController(this, (picture) => void this.setBackground(picture));
  readonly #autosave = new AutosaveController(this, this.#canvas);
  #source: FrameSource | null = null;

  constructor() {
    super();
    this.addEventListener('keydown', this.#hostOnKeydown);
  }

  /** The tool in hand with its settings, all at once. */
  get toolSettings(): ToolSettings {
    // Who may not draw can still move the view.
    const tool = this.drawing.isEditable ? this.tool : 'pan';
    const { color, size, opacity, smoothing } = this;
    return { tool, color, size, opacity, smoothing };
  }

  /** Frames of what the canvas shows. */
  get source(): FrameSource {
    return (this.#source ??= pictureSource(this.canvas));
  }

  /** The drawing on it: the sketchpad's own, until it is given another that is shared with other people. */
  get drawing(): SketchDrawing {
    return this.#canvas.drawing;
  }

  set drawing(drawing: SketchDrawing | null) {
    this.#canvas.drawing = drawing ?? this.#canvas.own;
  }

  /** Whether a mark is being made just now. */
  get isPenDown(): boolean {
    return this.#gestures.pen.isDown;
  }

  /** What is drawn; plain data to keep, and to give to `restore`. */
  get state(): DrawingState {
    return this.#canvas.drawing.state;
  }

  /** Replaces the drawing; one undo brings the former back. */
  restore(state: DrawingState): Promise<void> {
    return this.#canvas.change(state);
  }

  /** Puts what is drawn into another drawing. */
  copyTo(drawing: SketchDrawing): Promise<void> {
    return this.#canvas.amend(this.state, drawing);
  }

  /** Takes back the last change. */
  undo(): void {
    this.#canvas.drawing.undo();
  }

  /** Brings back what `undo` took. */
  redo(): void {
    this.#canvas.drawing.redo();
  }

  /** Removes everything; one undo brings it back. */
  clear(): void {
    this.#canvas.drawing.clear();
  }

  /** Asks for a picture file to put behind the drawing. */
  background(): void {
    this.#pictures.choose();
  }

  /** Puts a picture behind the drawing, or takes it away. One that cannot be read is told by `up-notice`. */
  async setBackground(picture: Blob | null, opacity = 1): Promise<void> {
    const background = picture === null ? null : { blob: picture, opacity };
    await this.#canvas.change({ background }).catch(() => this.#notice(this.strings.badPicture));
  }

  /** Paints a picture over everything, as one more mark. */
  async addPicture(picture: Blob): Promise<void> {
    await this.#canvas.addPicture(picture).catch(() => this.#notice(this.strings.badPicture));
  }

  /** The CSS transform under which the canvas is seen now: for what lies over it. */
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
  toBlob(): Promise<Blob> {
    return new Promise((resolve, reject) => {
      this.canvas.toBlob((blob) => (blob === null ? reject(new Error('the sketch is too large')) : resolve(blob)));
    });
  }

  /** @internal */
  showLive(mark: Mark | null): void {
    this.#canvas.live = mark;
  }

  /** @internal */
  addMark(mark: Mark): void {
    this.#canvas.drawing.add(mark);
  }

  /** @internal */
  pickAt([x, y]: Point): void {
    const color = this.#canvas.surface?.colorAt(x, y);
    if (color !== undefined) this.choose({ color });
  }

  /** Changes the tool in hand or some of its settings. */
  choose(settings: Partial<ToolSettings>): void {
    Object.assign(this, settings);
    // Who takes a colour while erasing means to draw with it.
    if (settings.color !== undefined && this.tool === 'eraser') this.tool = 'stroke';
    this.dispatchEvent(new CustomEvent('up-tool', { detail: this.toolSettings }));
  }

  protected override firstUpdated(): void {
    void this.#begin();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('shape')) void this.#canvas.attach(this.canvas, this.shape);
    if (changed.has('ground')) this.#canvas.repaint();
  }

  override render(): TemplateResult {
    const { drawing } = this.#canvas;
    return html`<div class="layout">
      <underpaint-toolbar
        .settings=${this.toolSettings}
        .strings=${this.strings}
        .canUndo=${drawing.canUndo}
        .canRedo=${drawing.canRedo}
        .canClear=${!drawing.isEmpty}
        ?inert=${!drawing.isEditable}
        @up-tool=${(event: CustomEvent<Partial<ToolSettings>>) => this.choose(event.detail)}
        @up-sketch-command=${(event: CustomEvent<SketchCommand>) => this[event.detail]()}
      ></underpaint-toolbar>
      ${this.#renderStage()}
      <underpaint-brush
        .settings=${this.toolSettings}
        .palette=${this.palette}
        .strings=${this.strings}
        .background=${drawing.state.background}
        ?inert=${!drawing.isEditable}
        @up-tool=${(event: CustomEvent<Partial<ToolSettings>>) => this.choose(event.detail)}
        @up-background=${(event: CustomEvent<number | null>) => this.#changeBackground(event.detail)}
      ></underpaint-brush>
    </div>`;
  }

  #renderStage(): TemplateResult {
    const { cross } = this.#keys;
    const { viewport } = this.#gestures;
    return html`<div class="stage" part="stage" .style=${`aspect-ratio: ${this.shape.width} / ${this.shape.height}`}>
      <div class="sheet" .style=${`transform: ${this.transform}; --_zoom: ${viewport.scale}`}>
        <canvas
          part="canvas"
          role="application"
          tabindex="0"
          aria-label=${this.strings.sketch}
          aria-roledescription=${this.strings.sketchpad}
          data-tool=${this.toolSettings.tool}
          @pointerdown=${this.#gestures.down}
          @pointermove=${this.#canvasOnPointermove}
          @pointerleave=${this.#ring.hide}
          @pointerup=${this.#gestures.up}
          @pointercancel=${this.#gestures.cancel}
          @wheel=${this.#gestures.wheel}
          @keydown=${this.#keys.keydown}
          @blur=${this.#keys.hide}
        ></canvas>
        <slot name="over"></slot>
        <div class="ring" hidden></div>
        ${cross === null ? nothing : html`<div class="cross" .style=${`left: ${cross[0] * 100}%; top: ${cross[1] * 100}%`}></div>`}
      </div>
      ${
        viewport.scale === 1
          ? nothing
          : html`<button class="zoom" @click=${() => this.resetView()} title=${this.strings.resetView}>
              ${Math.round(viewport.scale * 100)} %
            </button>`
      }
    </div>`;
  }

  async #begin(): Promise<void> {
    const restored = await this.#autosave.restore();
    if (!restored && this.starter) this.#canvas.own.amend({ marks: starterMarks() });
  }

  /** An opacity on its way is not a step in the history; taking the picture away is. */
  #changeBackground(opacity: number | null): void {
    const { background } = this.state;
    if (opacity === null) void this.setBackground(null);
    else if (background !== null) this.#canvas.drawing.amend({ background: { ...background, opacity } });
  }

  #hostOnKeydown = (event: KeyboardEvent): void => void runShortcut(event, SKETCH_SHORTCUTS, this);

  #canvasOnPointermove = (event: PointerEvent): void => {
    this.#gestures.move(event);
    this.#ring.move(event);
  };

  #notice(words: string): void {
    this.dispatchEvent(new CustomEvent('up-notice', { detail: words, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-sketch': UnderpaintSketch;
  }
  interface HTMLElementEventMap {
    'up-sketch': CustomEvent<void>;
    'up-tool': CustomEvent<Partial<ToolSettings>>;
    'up-viewport': CustomEvent<void>;
    'up-notice': CustomEvent<string>;
  }
}
