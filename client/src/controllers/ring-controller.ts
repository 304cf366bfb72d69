import { SKETCH_WIDTH, type Tool, type ToolSettings } from '../drawing/marks.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';
import { sheetPlaces } from './sheet-frame.js';

interface RingHost extends AttachedHost {
  readonly toolSettings: ToolSettings;
}

const ROUND_TOOLS: ReadonlySet<Tool> = new Set(['stroke', 'eraser', 'line']);

/** A ring around the pointer shows the thickness of the line. It moves without a render, because pointers move more often. */
export class RingController extends AttachedController<RingHost> {
  readonly #ring: () => HTMLElement | null;
  #isOver = false;

  constructor(host: RingHost, ring: () => HTMLElement | null) {
    super(host);
    this.#ring = ring;
  }

  /** Whether a mouse or pen is over the sheet. */
  get isOver(): boolean {
    return this.#isOver;
  }

  protected override attached(): void {
    globalThis.addEventListener('blur', this.hide);
  }

  protected override detached(): void {
    globalThis.removeEventListener('blur', this.hide);
    this.hide();
  }

  protected override afterUpdate(): void {
    const { tool, size } = this.host.toolSettings;
    if (!ROUND_TOOLS.has(tool)) return this.#conceal();
    const ring = this.#ring();
    if (ring !== null) ring.style.width = `${(100 * size) / SKETCH_WIDTH}%`;
  }

  move = (event: PointerEvent): void => {
    // A finger covers it.
    if (event.pointerType === 'touch') return this.hide();
    this.#isOver = true;
    const ring = this.#ring();
    if (ring === null || !ROUND_TOOLS.has(this.host.toolSettings.tool)) return;
    const [x, y] = sheetPlaces(ring.parentElement!)(event);
    ring.hidden = false;
    ring.style.left = `${100 * x}%`;
    ring.style.top = `${100 * y}%`;
  };

  hide = (): void => {
    this.#isOver = false;
    this.#conceal();
  };

  #conceal(): void {
    const ring = this.#ring();
    if (ring !== null) ring.hidden = true;
  }
}
