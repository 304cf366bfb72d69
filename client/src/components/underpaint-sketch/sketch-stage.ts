import { html, nothing, type TemplateResult } from 'lit';
import type { GestureController } from '../../controllers/gesture-controller.js';
import type { KeyPenController } from '../../controllers/key-pen-controller.js';
import type { SelectTool } from '../../controllers/select-controller.js';
import { SHEET_CORNERS } from '../../controllers/sheet-frame.js';
import type { RingController } from '../../controllers/ring-controller.js';
import type { Tool } from '../../drawing/marks.js';
import type { PictureShape } from '../../drawing/raster.js';
import { cssTransform } from '../../drawing/viewport.js';
import type { StudioStrings } from '../strings/studio.js';

export interface StageParts {
  readonly gestures: GestureController;
  readonly ring: RingController;
  readonly keys: KeyPenController;
  /** Null while another tool is chosen. */
  readonly select: SelectTool | null;
  readonly shape: PictureShape;
  readonly tool: Tool;
  readonly strings: StudioStrings;
}

/** The canvas in its frame, with the ring, the keyboard's cross and the zoom level over it. Strokes may start beside it. */
export function renderStage(parts: StageParts): TemplateResult {
  const { gestures, shape } = parts;
  const { viewport } = gestures;
  return html`<div class="surround">
    <div class="apron" @pointerdown=${gestures.down}></div>
    <div class="stage" part="stage" .style=${`aspect-ratio: ${shape.width} / ${shape.height}`}>
      <div class="sheet" .style=${`transform: ${cssTransform(viewport)}; --_zoom: ${viewport.scale}`}>
        ${SHEET_CORNERS} ${renderCanvas(parts)}
        <slot name="over"></slot>
        <div class="ring" hidden></div>
        ${parts.select?.renderFrame()} ${renderCross(parts.keys)}
      </div>
      ${viewport.scale === 1 ? nothing : renderZoom(parts)} ${parts.select?.renderBar()}
    </div>
  </div>`;
}

function renderCanvas({ gestures, ring, keys, select, tool, strings }: StageParts): TemplateResult {
  return html`<canvas
    part="canvas"
    role="application"
    tabindex="0"
    aria-label=${strings.sketch}
    aria-roledescription=${strings.sketchpad}
    data-tool=${tool}
    @pointerdown=${gestures.down}
    @pointermove=${(event: PointerEvent) => {
      gestures.move(event);
      ring.move(event);
    }}
    @pointerleave=${ring.hide}
    @pointerup=${gestures.up}
    @pointercancel=${(event: PointerEvent) => {
      gestures.cancel(event);
      ring.hide();
    }}
    @contextmenu=${gestures.contextmenu}
    @wheel=${gestures.wheel}
    @keydown=${(event: KeyboardEvent) => select?.keydown(event) || (keys.keydown(event) && ring.hide())}
    @keyup=${keys.keyup}
    @blur=${keys.hide}
  ></canvas>`;
}

function renderCross({ cross }: KeyPenController): TemplateResult | typeof nothing {
  if (cross === null) return nothing;
  return html`<div class="cross" .style=${`left: ${cross[0] * 100}%; top: ${cross[1] * 100}%`}></div>`;
}

function renderZoom({ gestures, strings }: StageParts): TemplateResult {
  return html`<button class="zoom" @click=${() => gestures.resetView()} title=${strings.resetView}>
    ${Math.round(gestures.viewport.scale * 100)} %
  </button>`;
}
