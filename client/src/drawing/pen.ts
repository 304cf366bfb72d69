import { DEFAULT_TOOL, type Mark, type Point, type StrokePoint, type ToolSettings } from './marks.js';

/** The sheet that a pen draws on. */
export interface PenSheet {
  /** The tool that the pen is now. */
  settings(): ToolSettings;
  /** Shows the unfinished mark; null removes it. */
  showLive(mark: Mark | null): void;
  addMark(mark: Mark): void;
  /** Takes the colour at a point. */
  pickAt(point: Point): void;
}

/** Turns the path of a pointer, or of the keyboard's cross, into a mark: a live one while the pen is down, a finished one when it lifts. */
export class Pen {
  readonly #sheet: PenSheet;
  #points: StrokePoint[] = [];
  #settings: ToolSettings = DEFAULT_TOOL;
  #truePressure = false;

  constructor(sheet: PenSheet) {
    this.#sheet = sheet;
  }

  get isDown(): boolean {
    return this.#points.length > 0;
  }

  down(point: StrokePoint, how: { readonly truePressure: boolean; readonly erase: boolean }): void {
    const settings = this.#sheet.settings();
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
    if (mark !== null) this.#sheet.addMark(mark);
  }

  /** Drops the unfinished mark: the pointer was lost, or the touch became a pinch. */
  cancel(): void {
    this.#points = [];
    this.#sheet.showLive(null);
  }

  #act(): void {
    const { tool } = this.#settings;
    if (tool === 'pick') {
      this.#sheet.pickAt(place(this.#points.at(-1)!));
    } else if (tool !== 'fill') {
      this.#sheet.showLive(this.#mark());
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
