import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { SKETCH_WIDTH, type Tool, type ToolSettings } from '../drawing/marks.js';

interface RingHost extends ReactiveControllerHost {
  readonly toolSettings: ToolSettings;
  readonly ring: HTMLElement | null;
}

const ROUND_TOOLS: ReadonlySet<Tool> = new Set(['stroke', 'eraser', 'line']);

/** A ring around the pointer shows how thick the line will be. It moves without a render: pointers are faster than those. */
export class RingController implements ReactiveController {
  readonly #host: RingHost;

  constructor(host: RingHost) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdated(): void {
    if (!ROUND_TOOLS.has(this.#host.toolSettings.tool)) this.hide();
  }

  move = (event: PointerEvent): void => {
    const { ring } = this.#host;
    const { tool, size } = this.#host.toolSettings;
    if (ring === null || event.pointerType === 'touch' || !ROUND_TOOLS.has(tool)) return;
    const canvas = event.currentTarget as HTMLElement;
    // Offsets and sizes inside the sheet do not know that it is enlarged, and neither does the ring.
    const diameter = (size / SKETCH_WIDTH) * canvas.offsetWidth;
    ring.hidden = false;
    ring.style.width = ring.style.height = `${diameter}px`;
    ring.style.translate = `${event.offsetX - diameter / 2}px ${event.offsetY - diameter / 2}px`;
  };

  hide = (): void => {
    if (this.#host.ring !== null) this.#host.ring.hidden = true;
  };
}
