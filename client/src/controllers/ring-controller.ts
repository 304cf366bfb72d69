import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { SKETCH_WIDTH, type Tool, type ToolSettings } from '../drawing/marks.js';

interface RingHost extends ReactiveControllerHost {
  readonly toolSettings: ToolSettings;
}

const ROUND_TOOLS: ReadonlySet<Tool> = new Set(['stroke', 'eraser', 'line']);

/** A ring around the pointer shows the thickness of the line. It moves without a render, because pointers move more often. */
export class RingController implements ReactiveController {
  readonly #host: RingHost;
  readonly #ring: () => HTMLElement | null;

  constructor(host: RingHost, ring: () => HTMLElement | null) {
    this.#host = host;
    this.#ring = ring;
    host.addController(this);
  }

  hostUpdated(): void {
    if (!ROUND_TOOLS.has(this.#host.toolSettings.tool)) this.hide();
  }

  move = (event: PointerEvent): void => {
    const ring = this.#ring();
    const { tool, size } = this.#host.toolSettings;
    if (ring === null || event.pointerType === 'touch' || !ROUND_TOOLS.has(tool)) return;
    const canvas = event.currentTarget as HTMLElement;
    // Offsets and sizes inside the sheet are those before it is enlarged. The ring is enlarged with it.
    const diameter = (size / SKETCH_WIDTH) * canvas.offsetWidth;
    ring.hidden = false;
    ring.style.width = ring.style.height = `${diameter}px`;
    ring.style.translate = `${event.offsetX - diameter / 2}px ${event.offsetY - diameter / 2}px`;
  };

  hide = (): void => {
    const ring = this.#ring();
    if (ring !== null) ring.hidden = true;
  };
}
