import type { Mark, Point, StrokePoint, ToolSettings } from './marks.js';

/** What a pen draws on, and where it learns what it is. */
export interface PenHost {
  readonly toolSettings: ToolSettings;
  /** Shows the mark under the pen; null when there is none any more. */
  showLive(mark: Mark | null): void;
  addMark(mark: Mark): void;
  pickAt(point: Point): void;
}

/** Turns the path of a pointer or of the keyboard's cross into a mark: the live one while the pen is down, a finished one when it lifts. */
export class Pen {
  readonly #host: PenHost;
  #points: StrokePoint[] = [];
  #settings: ToolSettings;
  #truePressure = false;

  constructor(host: PenHost) {
    this.#host = host;
    this.#settings = host.toolSettings;
  }

  get isDown(): boolean {
    return this.#points.length > 0;
  }

  down(point: StrokePoint, how: { readonly truePressure: boolean; readonly erase: boolean }): void {
    const settings = this.#host.toolSettings;
    this.#settings = how.erase ? { ...settings, tool: 'eraser' } : settings;
    this.#truePressure = how.truePressure;
    this.#points = [point];
    this.#act();
  }

  move(points: readonly StrokePoint[]): void {
    if (!this.isDown) return;
    this.#points.push(...points);
    this.#act();
  }

  up(): void {
    if (!this.isDown) return;
    const mark = this.#mark();
    this.cancel();
    if (mark !== null) this.#host.addMark(mark);
  }

  /** Forgets the mark under the pen: the pointer was lost, or the touch became a pinch. */
  cancel(): void {
    this.#points = [];
    this.#host.showLive(null);
  }

  #act(): void {
    const { tool } = this.#settings;
    if (tool === 'pick') {
      this.#host.pickAt(place(this.#points.at(-1)!));
    } else if (tool !== 'fill') {
      this.#host.showLive(this.#mark());
    }
  }

  #mark(): Mark | null {
    const { tool, color, size, opacity, smoothing } = this.#settings;
    const from = place(this.#points[0]!);
    const to = place(this.#points.at(-1)!);
    switch (tool) {
      case 'stroke':
      case 'eraser':
        return { kind: tool, color, size, opacity, smoothing, pressure: this.#truePressure, points: [...this.#points] };
      case 'area':
        return { kind: tool, color, opacity, points: this.#points.map(place) };
      case 'line':
      case 'rectangle':
      case 'ellipse':
        return { kind: tool, color, size, opacity, from, to };
      case 'fill':
        return { kind: tool, color, opacity, at: to };
      case 'pick':
      case 'pan':
        return null;
    }
  }
}

function place([x, y]: StrokePoint): Point {
  return [x, y];
}
