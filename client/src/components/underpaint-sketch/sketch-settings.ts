import type { PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import { NO_DETAILS } from '../../controllers/sheet-controller.js';
import type { SketchDrawing } from '../../drawing/drawing.js';
import type { Ground } from '../../drawing/ground.js';
import { DEFAULT_TOOL, SKETCH_WIDTH, type Tool, type ToolSettings } from '../../drawing/marks.js';
import { DEFAULT_PALETTE } from '../../drawing/palette.js';
import { SQUARE, type PictureShape } from '../../drawing/raster.js';
import type { KeptTool, Sheet, SheetDetails } from '../../kept/sheets.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';

const ERASER_SIZE = 24;

/**
 * The settings of a sketchpad: its tool, its sheet and its texts.
 *
 * @fires {CustomEvent<void>} up-sketch - the canvas was repainted, also during a stroke
 * @fires {CustomEvent<ToolSettings>} up-tool - the person changed tool, colour or size
 * @fires {CustomEvent<void>} up-viewport - the view was moved or enlarged
 * @fires {CustomEvent<Sheet | null>} up-sheet - a kept drawing is on the sheet; `detail` is null if there was none
 * @fires {ParamsAgainEvent} paramsagain - the person took back or repeated a step that also changed parameters
 * @fires {CustomEvent<string>} up-notice - something failed; `detail` is a sentence for the person
 */
export abstract class SketchSettings extends TextElement<StudioStrings> {
  protected override readonly english = STUDIO_STRINGS;

  /** The current tool. */
  @property() tool: Tool = DEFAULT_TOOL.tool;
  /** The drawing colour, as #rrggbb. */
  @property() color = DEFAULT_TOOL.color;
  /** Diameter of the pen, in 256ths of the picture's width. */
  @property({ type: Number }) size = DEFAULT_TOOL.size;
  /** 0..1 */
  @property({ type: Number }) opacity = DEFAULT_TOOL.opacity;
  /** 0..1: how strongly lines are smoothed. */
  @property({ type: Number }) smoothing = DEFAULT_TOOL.smoothing;
  /** Diameter of the eraser, in 256ths of the picture's width. */
  @property({ type: Number, attribute: 'eraser-size' }) eraserSize = ERASER_SIZE;
  /** 0..1: how much of the ink the eraser takes away. */
  @property({ type: Number, attribute: 'eraser-opacity' }) eraserOpacity = 1;
  /** The number of the layer to draw on; 0 is the first. */
  @property({ attribute: false }) activeLayer = 0;
  /** The ground of an empty sketch: `landscape` or a CSS colour. */
  @property() ground: Ground = 'landscape';
  /** Puts a drawing of a landscape on the sheet while the sheet is untouched. */
  @property({ type: Boolean }) starter = false;
  /** Saves the drawing in this browser under this name, and loads it. */
  @property() autosave = '';
  /** The id under which a shared drawing is saved too; empty for none. */
  @property({ attribute: false }) sharedSheet = '';
  /** The settings that are saved with the drawing; null if they are not known at the moment. */
  @property({ attribute: false }) details: () => SheetDetails | null = () => NO_DETAILS;
  /** The colours on offer. */
  @property({ attribute: false }) palette: readonly string[] = DEFAULT_PALETTE;
  /** The size of the model's pictures; only its aspect ratio counts. */
  @property({ attribute: false }) shape: PictureShape = SQUARE;

  /** The tool before the one that picks a colour. */
  #lastTool: Tool = DEFAULT_TOOL.tool;

  abstract get drawing(): SketchDrawing;

  /** The current tool with its settings. */
  get toolSettings(): ToolSettings {
    // A person who may not draw can still move the view.
    return this.settingsOf(this.drawing.isEditable ? this.tool : 'pan');
  }

  /** What is saved of the settings with the drawing. Pen and eraser have a size each. */
  get keptTool(): KeptTool {
    const { tool, color, size, opacity, smoothing, eraserSize, eraserOpacity, activeLayer } = this;
    return { tool, color, size, opacity, smoothing, eraserSize, eraserOpacity, activeLayer };
  }

  /** Height of the sheet, in 256ths of its width. */
  get unitHeight(): number {
    return (SKETCH_WIDTH * this.shape.height) / this.shape.width;
  }

  /** Changes the current tool or some of its settings. */
  choose(settings: Partial<ToolSettings>): void {
    const { size, opacity, ...others } = settings;
    Object.assign(this, others);
    const isEraser = this.tool === 'eraser';
    if (size !== undefined) this[isEraser ? 'eraserSize' : 'size'] = size;
    if (opacity !== undefined) this[isEraser ? 'eraserOpacity' : 'opacity'] = opacity;
    // A person who picks a colour while erasing wants to draw with it.
    if (settings.color !== undefined && isEraser) this.tool = 'stroke';
    this.dispatchEvent(new CustomEvent('up-tool', { detail: this.toolSettings }));
  }

  /** A colour was picked: the tool before that one is back. */
  protected picked(): void {
    this.choose({ tool: this.#lastTool });
  }

  protected settingsOf(tool: Tool): ToolSettings {
    const { color, smoothing } = this;
    const [size, opacity] = tool === 'eraser' ? [this.eraserSize, this.eraserOpacity] : [this.size, this.opacity];
    return { tool, color, size, opacity, smoothing };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('tool');
    if (this.tool === 'pick' && before !== undefined && before !== 'pick') this.#lastTool = before;
  }
}

declare global {
  interface HTMLElementEventMap {
    'up-sketch': CustomEvent<void>;
    'up-tool': CustomEvent<Partial<ToolSettings>>;
    'up-viewport': CustomEvent<void>;
    'up-sheet': CustomEvent<Sheet | null>;
    'up-notice': CustomEvent<string>;
  }
}
