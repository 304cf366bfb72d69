import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { SKETCH_WIDTH, type StrokePoint, type ToolSettings } from '../drawing/marks.js';
import type { Pen } from '../drawing/pen.js';
import { panBy, WHOLE, zoomAt, type Viewport } from '../drawing/viewport.js';

interface GestureHost extends ReactiveControllerHost {
  readonly toolSettings: ToolSettings;
}

interface GestureOptions {
  readonly pen: Pen;
  /** The view was moved or enlarged. */
  readonly onView: () => void;
}

const ERASER_BUTTON = 32;
const WHEEL_ZOOM = 0.0025;

/** Pointers on the canvas: one pointer draws, two fingers move and enlarge the view. After the first pen, fingers never draw. */
export class GestureController implements ReactiveController {
  readonly #host: GestureHost;
  readonly #pen: Pen;
  readonly #onView: () => void;
  readonly #navigating = new Map<number, PointerEvent>();
  /** The latest event of the drawing pointer. */
  #drawing: PointerEvent | null = null;
  #penSeen = false;
  #viewport = WHOLE;

  constructor(host: GestureHost, { pen, onView }: GestureOptions) {
    this.#host = host;
    this.#pen = pen;
    this.#onView = onView;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#drawing = null;
    this.#navigating.clear();
    this.#pen.cancel();
  }

  get viewport(): Viewport {
    return this.#viewport;
  }

  /** Enlarges about a place, given as fractions of the stage. */
  zoom(factor: number, at: readonly [number, number] = [0.5, 0.5]): void {
    this.#look(zoomAt(this.#viewport, factor, at));
  }

  resetView(): void {
    this.#look(WHOLE);
  }

  down = (event: PointerEvent): void => {
    const canvas = event.currentTarget as HTMLElement;
    if (event.pointerType === 'pen') this.#penSeen = true;
    const palm = event.pointerType === 'touch' && this.#penSeen;
    if (palm && this.#drawing !== null) return;
    canvas.setPointerCapture(event.pointerId);
    const second = event.pointerType === 'touch' && this.#drawing !== null;
    if (second) this.#becomePinch(event);
    else if (palm || this.#movesView(event)) this.#navigating.set(event.pointerId, event);
    else if (this.#drawing === null && event.button === 0) this.#startDrawing(event, canvas);
  };

  move = (event: PointerEvent): void => {
    const canvas = event.currentTarget as HTMLElement;
    if (this.#navigating.has(event.pointerId)) return this.#navigate(event, canvas);
    if (event.pointerId !== this.#drawing?.pointerId) return;
    this.#drawing = event;
    const events = event.getCoalescedEvents?.() ?? [];
    this.#pen.move((events.length > 0 ? events : [event]).map((each) => sketchPoint(each, canvas)));
  };

  up = (event: PointerEvent): void => {
    this.#navigating.delete(event.pointerId);
    if (event.pointerId !== this.#drawing?.pointerId) return;
    this.#drawing = null;
    this.#pen.up();
  };

  cancel = (event: PointerEvent): void => {
    this.#navigating.delete(event.pointerId);
    if (event.pointerId !== this.#drawing?.pointerId) return;
    this.#drawing = null;
    this.#pen.cancel();
  };

  /** Ctrl and the wheel enlarge (browsers report a trackpad pinch like that). The wheel alone scrolls an enlarged sketch. */
  wheel = (event: WheelEvent): void => {
    const stage = stageBox(event.currentTarget as HTMLElement);
    if (event.ctrlKey || event.metaKey) {
      const at = [(event.clientX - stage.left) / stage.width, (event.clientY - stage.top) / stage.height] as const;
      this.zoom(Math.exp(-event.deltaY * WHEEL_ZOOM), at);
    } else if (this.#viewport.scale > 1) {
      this.#look(panBy(this.#viewport, -event.deltaX / stage.width, -event.deltaY / stage.height));
    } else {
      return;
    }
    event.preventDefault();
  };

  #movesView(event: PointerEvent): boolean {
    return this.#host.toolSettings.tool === 'pan' || event.button === 1 || this.#navigating.size > 0;
  }

  #startDrawing(event: PointerEvent, canvas: HTMLElement): void {
    this.#drawing = event;
    const isPen = event.pointerType === 'pen';
    const erase = isPen && (event.buttons & ERASER_BUTTON) !== 0;
    this.#pen.down(sketchPoint(event, canvas), { truePressure: isPen, erase });
  }

  /** The first finger started a line. The second shows that the person wants to move the view. */
  #becomePinch(second: PointerEvent): void {
    this.#pen.cancel();
    for (const event of [this.#drawing!, second]) this.#navigating.set(event.pointerId, event);
    this.#drawing = null;
  }

  #navigate(event: PointerEvent, canvas: HTMLElement): void {
    const before = this.#middle();
    this.#navigating.set(event.pointerId, event);
    const after = this.#middle();
    const stage = stageBox(canvas);
    const moved = panBy(this.#viewport, (after.x - before.x) / stage.width, (after.y - before.y) / stage.height);
    const at = [(after.x - stage.left) / stage.width, (after.y - stage.top) / stage.height] as const;
    this.#look(before.spread > 0 ? zoomAt(moved, after.spread / before.spread, at) : moved);
  }

  /** The middle of the pointers that move the view, and the distance between them. */
  #middle(): { x: number; y: number; spread: number } {
    const [a, b = a] = [...this.#navigating.values()] as [PointerEvent, PointerEvent?];
    return {
      x: (a.clientX + b!.clientX) / 2,
      y: (a.clientY + b!.clientY) / 2,
      spread: Math.hypot(a.clientX - b!.clientX, a.clientY - b!.clientY),
    };
  }

  #look(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#host.requestUpdate();
    this.#onView();
  }
}

/** The frame around the visible part of the canvas. */
function stageBox(canvas: HTMLElement): DOMRect {
  return canvas.closest('.stage')!.getBoundingClientRect();
}

/** The place of a pointer in sketch units, whatever the size and place of the canvas on the screen. */
function sketchPoint(event: PointerEvent, canvas: HTMLElement): StrokePoint {
  const box = canvas.getBoundingClientRect();
  const unit = SKETCH_WIDTH / box.width;
  return [round((event.clientX - box.left) * unit), round((event.clientY - box.top) * unit), event.pressure || 0.5];
}

/** A hundredth of a unit is too fine to see, and keeps stored drawings small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
