import { html, nothing, type TemplateResult } from 'lit';
import type { SketchDrawing } from '../../drawing/drawing.js';
import type { Mark, ToolSettings } from '../../drawing/marks.js';
import type { StudioStrings } from '../strings/studio.js';
import type { SketchCommand } from '../underpaint-toolbar/underpaint-toolbar.js';

interface Sketch {
  readonly drawing: SketchDrawing;
  readonly toolSettings: ToolSettings;
  readonly palette: readonly string[];
  readonly strings: StudioStrings;
  activeLayer: number;
  setBackground(picture: null): Promise<void>;
  choose(settings: Partial<ToolSettings>): void;
  pictureOf(marks: readonly Mark[], opacity?: number): Promise<Blob>;
}

interface BrushParts {
  readonly recent: readonly string[];
}

export function renderToolbar(sketch: Sketch, onCommand: (command: SketchCommand) => void): TemplateResult {
  const { drawing } = sketch;
  return html`<underpaint-toolbar
    part="toolbar"
    .settings=${sketch.toolSettings}
    .strings=${sketch.strings}
    .canUndo=${drawing.canUndo}
    .canRedo=${drawing.canRedo}
    .canClear=${!drawing.isEmpty}
    @up-tool=${(event: CustomEvent<Partial<ToolSettings>>) => sketch.choose(event.detail)}
    @up-sketch-command=${(event: CustomEvent<SketchCommand>) => onCommand(event.detail)}
  ></underpaint-toolbar>`;
}

export function renderBrush(sketch: Sketch, { recent }: BrushParts): TemplateResult {
  const { drawing } = sketch;
  return html`<underpaint-brush
    part="brush"
    .settings=${sketch.toolSettings}
    .palette=${sketch.palette}
    .strings=${sketch.strings}
    .recent=${recent}
    .background=${drawing.state.background}
    @up-tool=${(event: CustomEvent<Partial<ToolSettings>>) => sketch.choose(event.detail)}
    @up-background=${(event: CustomEvent<number | null>) => changeBackground(sketch, event.detail)}
  ></underpaint-brush>`;
}

export function renderLayers(sketch: Sketch, isOpen: boolean): TemplateResult | typeof nothing {
  if (!isOpen) return nothing;
  return html`<underpaint-layers
    .sketch=${sketch}
    .drawing=${sketch.drawing.state}
    .active=${sketch.activeLayer}
    .strings=${sketch.strings}
    ?inert=${!sketch.drawing.isEditable}
  ></underpaint-layers>`;
}

/** Changing the opacity is not a step in the history; removing the picture is. */
function changeBackground(sketch: Sketch, opacity: number | null): void {
  const { background } = sketch.drawing.state;
  if (opacity === null) void sketch.setBackground(null);
  else if (background !== null) sketch.drawing.amend({ background: { ...background, opacity } });
}
