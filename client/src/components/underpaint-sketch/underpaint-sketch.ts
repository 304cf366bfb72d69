import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { DrawingController } from '../../controllers/drawing-controller.js';
import { PenController } from '../../controllers/pen-controller.js';
import { RovingController } from '../../controllers/roving-controller.js';
import type { Ground } from '../../drawing/ground.js';
import { DEFAULT_TOOL, type Tool, type ToolSettings } from '../../drawing/marks.js';
import { DEFAULT_PALETTE } from '../../drawing/palette.js';
import { starterMarks } from '../../drawing/starter.js';
import { pictureSource, type FrameSource } from '../../stream/picture-source.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import type { SketchCommand } from '../underpaint-toolbar/underpaint-toolbar.js';
import { styles } from './underpaint-sketch.styles.js';

/**
 * A sketchpad. What it shows can be the source of a stream.
 *
 * @fires {CustomEvent<void>} up-sketch - what the canvas shows has changed, during a stroke too
 * @fires {CustomEvent<ToolSettings>} up-tool - tool, colour or size was changed by the person
 * @csspart stage - the frame around the canvas
 * @csspart canvas - the canvas
 */
export class UnderpaintSketch extends LitElement {
  static override styles = [theme, styles];

  /** The tool in hand. */
  @property() tool: Tool = DEFAULT_TOOL.tool;
  /** The colour drawn with. */
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
  /** The colours on offer. */
  @property({ attribute: false }) palette: readonly string[] = DEFAULT_PALETTE;
  /** The model's picture, of which the ratio counts. */
  @property({ attribute: false }) shape: { readonly width: number; readonly height: number } = {
    width: 256,
    height: 256,
  };
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  @query('canvas') private readonly canvas!: HTMLCanvasElement;

  readonly #controller = new DrawingController(this, () => this.dispatchEvent(new CustomEvent('up-sketch')));
  readonly #pen = new PenController(this, this.#controller);
  readonly #swatches = new RovingController(this, () => [
    ...this.renderRoot.querySelectorAll<HTMLButtonElement>('.swatches button'),
  ]);
  #source: FrameSource | null = null;

  get toolSettings(): ToolSettings {
    const { tool, color, size, opacity, smoothing } = this;
    return { tool, color, size, opacity, smoothing };
  }

  /** Frames of what the canvas shows. */
  get source(): FrameSource {
    return (this.#source ??= pictureSource(this.canvas));
  }

  undo(): void {
    this.#controller.drawing.undo();
  }

  redo(): void {
    this.#controller.drawing.redo();
  }

  clear(): void {
    this.#controller.drawing.clear();
  }

  pickColor(color: string): void {
    this.#choose({ color });
  }

  protected override willUpdate(): void {
    if (!this.hasUpdated && this.starter) this.#controller.drawing.load(starterMarks());
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('shape')) void this.#controller.attach(this.canvas, this.shape);
    if (changed.has('ground')) this.#controller.repaint();
  }

  override render(): TemplateResult {
    const { drawing } = this.#controller;
    return html`<div class="layout">
      <underpaint-toolbar
        .settings=${this.toolSettings}
        .strings=${this.strings}
        .canUndo=${drawing.canUndo}
        .canRedo=${drawing.canRedo}
        @up-tool=${(event: CustomEvent<Partial<ToolSettings>>) => this.#choose(event.detail)}
        @up-command=${(event: CustomEvent<SketchCommand>) => this[event.detail]()}
      ></underpaint-toolbar>
      <div class="stage" part="stage" .style=${`--_ratio: ${this.shape.width} / ${this.shape.height}`}>
        <canvas
          part="canvas"
          role="img"
          aria-label=${this.strings.sketch}
          data-tool=${this.tool}
          @pointerdown=${(event: PointerEvent) => this.#pen.down(event)}
          @pointermove=${(event: PointerEvent) => this.#pen.move(event)}
          @pointerup=${(event: PointerEvent) => this.#pen.up(event)}
          @pointercancel=${() => this.#pen.cancel()}
        ></canvas>
      </div>
      <div class="colours">${this.#renderPalette()} ${this.#renderSize()}</div>
    </div>`;
  }

  #renderPalette(): TemplateResult {
    return html`<div
      class="swatches"
      role="toolbar"
      aria-label=${this.strings.colours}
      @keydown=${this.#swatches.keydown}
      @focusin=${this.#swatches.focusin}
    >
      ${this.palette.map(
        (color) =>
          html`<button
            class="swatch"
            aria-label=${color}
            title=${color}
            aria-pressed=${this.color === color}
            .style=${`--_swatch: ${color}`}
            @click=${() => this.pickColor(color)}
          ></button>`,
      )}
      <label class="swatch any" title=${this.strings.anyColour} .style=${`--_swatch: ${this.color}`}>
        <input
          type="color"
          aria-label=${this.strings.anyColour}
          .value=${this.color}
          @input=${(event: InputEvent) => this.pickColor((event.target as HTMLInputElement).value)}
        />
      </label>
    </div>`;
  }

  #renderSize(): TemplateResult {
    return html`<label class="size">
      <span>${this.strings.size}</span>
      <input
        type="range"
        min="1"
        max="64"
        step="1"
        .value=${String(this.size)}
        @input=${(event: InputEvent) => this.#choose({ size: (event.target as HTMLInputElement).valueAsNumber })}
      />
      <output>${this.size}</output>
    </label>`;
  }

  #choose(settings: Partial<ToolSettings>): void {
    Object.assign(this, settings);
    // Who picks a colour means to use it.
    if (settings.color !== undefined && this.tool === 'eraser') this.tool = 'stroke';
    this.dispatchEvent(new CustomEvent('up-tool', { detail: this.toolSettings }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-sketch': UnderpaintSketch;
  }
}
