import { html, type TemplateResult } from 'lit';

/** Diameter of the slider's handle over the split line, in CSS pixels, as in the style sheet. */
const HANDLE_PX = 40;

export interface BlendParts {
  readonly label: string;
  /** 0..100 */
  readonly blend: number;
  readonly onBlend: (blend: number) => void;
}

/** Overlay: the opacity of the picture. Split: the place of the line, as a share of the width. */
export function renderBlend({ label, blend, onBlend }: BlendParts): TemplateResult {
  return html`<input
    type="range"
    class="blend"
    aria-label=${label}
    .value=${String(blend)}
    @input=${(event: InputEvent) => onBlend((event.target as HTMLInputElement).valueAsNumber)}
  />`;
}

/**
 * The line of the split view, which a pointer can drag at any height, and a slider for the keyboard.
 *
 * @param stage the box of the picture
 */
export function renderSplit(parts: BlendParts, stage: () => DOMRect): TemplateResult {
  const drag = (event: PointerEvent) => {
    const line = event.currentTarget as HTMLElement;
    if (!line.hasPointerCapture(event.pointerId)) return;
    const { left, width } = stage();
    const place = (event.clientX - left - HANDLE_PX / 2) / (width - HANDLE_PX);
    parts.onBlend(Math.round(100 * Math.min(1, Math.max(0, place))));
  };
  return html`<div class="split-line">
    <div class="line" @pointerdown=${grab} @pointermove=${drag}></div>
    ${renderBlend(parts)}
  </div>`;
}

function grab(event: PointerEvent): void {
  event.preventDefault();
  (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
}
