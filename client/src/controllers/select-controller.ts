import type { TemplateResult } from 'lit';
import type { Hand } from '../drawing/hand.js';
import type { SketchDrawing } from '../drawing/drawing.js';
import type { Mark, ToolSettings } from '../drawing/marks.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

/** The selection with its look, in code that is loaded when it is used first. */
export interface SelectTool {
  readonly hand: Hand;
  select(marks: readonly Mark[]): void;
  /** @returns whether the key was for the selection */
  keydown(event: KeyboardEvent): boolean;
  /** The frame and its handles, over the sheet. */
  renderFrame(): TemplateResult;
  /** The buttons for the selected marks. */
  renderBar(): TemplateResult;
}

/** The sheet as the selection sees it. */
export interface SelectSheet {
  readonly drawing: SketchDrawing;
  readonly height: number;
  readonly unitPx: number;
  changed(): void;
}

interface SelectHost extends AttachedHost {
  readonly toolSettings: ToolSettings;
}

interface SelectControllerOptions<Sheet extends SelectSheet> {
  readonly load: () => Promise<{ createSelectTool(sheet: Sheet): SelectTool }>;
  readonly sheet: Sheet;
}

/** Loads the selection when its tool is chosen. */
export class SelectController<Sheet extends SelectSheet> extends AttachedController<SelectHost> {
  readonly #options: SelectControllerOptions<Sheet>;
  #tool: SelectTool | null = null;

  constructor(host: SelectHost, options: SelectControllerOptions<Sheet>) {
    super(host);
    this.#options = options;
  }

  /** Null while another tool is chosen, and until the code is loaded. */
  get tool(): SelectTool | null {
    return this.host.toolSettings.tool === 'select' ? this.#tool : null;
  }

  async load(): Promise<SelectTool> {
    const { createSelectTool } = await this.#options.load();
    this.#tool ??= createSelectTool(this.#options.sheet);
    this.host.requestUpdate();
    return this.#tool;
  }

  protected override afterUpdate(): void {
    // Without a network the tool stays without effect until it is chosen again.
    if (this.#tool === null && this.host.toolSettings.tool === 'select') void this.load().catch(() => undefined);
  }
}
