import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { SKETCH_WIDTH, type Mark, type Point, type StrokePoint, type ToolSettings } from '../drawing/marks.js';
import type { DrawingController } from './drawing-controller.js';

interface PenHost extends ReactiveControllerHost {
  readonly toolSettings: ToolSettings;
  pickColor(color: string): void;
}

/** Turns pointer events on the canvas into marks: the live one while the pointer is down, a finished one when it lifts. */
export class PenController implements ReactiveController {
  readonly #host: PenHost;
  readonly #canvas: DrawingController;
  #pointer: number | null = null;
  #points: StrokePoint[] = [];
  #settings: ToolSettings;
  #truePressure = false;

  constructor(host: PenHost, canvas: DrawingController) {
    this.#host = host;
    this.#canvas = canvas;
    this.#settings = host.toolSettings;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.cancel();
  }

  get drawing(): boolean {
    return this.#pointer !== null;
  }

  down(event: PointerEvent): void {
    if (this.#pointer !== null || event.button > 0) return;
    const canvas = event.currentTarget as HTMLElement;
    canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#settings = eraserEnd(event) ? { ...this.#host.toolSettings, tool: 'eraser' } : this.#host.toolSettings;
    this.#truePressure = event.pointerType === 'pen';
    this.#points = [sketchPoint(event, canvas)];
    this.#act();
  }

  move(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const canvas = event.currentTarget as HTMLElement;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) this.#points.push(sketchPoint(each, canvas));
    this.#act();
  }

  up(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#canvas.live = null;
    const mark = this.#mark();
    if (mark !== null) this.#canvas.drawing.add(mark);
    this.#points = [];
  }

  /** Forgets the mark under the pen: the pointer was lost, or the touch became a pinch. */
  cancel(): void {
    this.#pointer = null;
    this.#points = [];
    this.#canvas.live = null;
  }

  #act(): void {
    const { tool } = this.#settings;
    if (tool === 'pick') {
      const [x, y] = this.#points.at(-1)!;
      const color = this.#canvas.surface?.colorAt(x, y);
      if (color !== undefined) this.#host.pickColor(color);
    } else if (tool !== 'fill' && tool !== 'pan') {
      this.#canvas.live = this.#mark();
    }
  }

  #mark(): Mark | null {
    const { tool, color, size, opacity, smoothing } = this.#settings;
    const from = flat(this.#points[0]!);
    const to = flat(this.#points.at(-1)!);
    switch (tool) {
      case 'stroke':
      case 'eraser':
        return { kind: tool, color, size, opacity, smoothing, pressure: this.#truePressure, points: [...this.#points] };
      case 'area':
        return { kind: tool, color, opacity, points: this.#points.map(flat) };
      case 'line':
      case 'rectangle':
      case 'ellipse':
        return { kind: tool, color, size, opacity, from, to };
      case 'fill':
        return { kind: tool, color, opacity, at: to };
      default:
        return null;
    }
  }
}

function flat([x, y]: StrokePoint): Point {
  return [x, y];
}

/** The other end of a pen erases. */
function eraserEnd(event: PointerEvent): boolean {
  return event.pointerType === 'pen' && (event.buttons & 32) !== 0;
}

/** Where on the sketch a pointer is, in sketch units, whatever the canvas's size on the screen. */
export function sketchPoint(event: PointerEvent, canvas: HTMLElement): StrokePoint {
  const box = canvas.getBoundingClientRect();
  const unit = SKETCH_WIDTH / box.width;
  return [round((event.clientX - box.left) * unit), round((event.clientY - box.top) * unit), event.pressure || 0.5];
}

/** A hundredth of a unit is finer than anyone sees, and keeps stored drawings small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
