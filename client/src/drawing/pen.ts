import { constrainBox, constrainLine } from './constrain.js';
import type { Hand, Press } from './hand.js';
import { DEFAULT_TOOL, type Mark, type Point, type StrokePoint, type ToolSettings } from './marks.js';

/** The sheet that a pen draws on. */
export interface PenSheet {
  /** The tool that the pen is now, or the settings of another one. */
  settings(as: ToolSettings['tool'] | null): ToolSettings;
  /** Shows the unfinished mark; null removes it. */
  showLive(mark: Mark | null): void;
  addMark(mark: Mark): void;
  /** Takes the colour at a point. */
  pickAt(point: Point): void;
  /** A colour was picked with the tool for it. */
  picked(): void;
}

/** Turns the path of a pointer, or of the keyboard's cross, into a mark: a live one while the pen is down, a finished one when it lifts. */
export class Pen implements Hand {
  readonly #sheet: PenSheet;
  #points: StrokePoint[] = [];
  #settings: ToolSettings = DEFAULT_TOOL;
  #press: Press = { truePressure: false, as: null };
  #isConstrained = false;

  constructor(sheet: PenSheet) {
    this.#sheet = sheet;
  }

  get isDown(): boolean {
    return this.#points.length > 0;
  }

  get isConstrained(): boolean {
    return this.#isConstrained;
  }

  set isConstrained(isConstrained: boolean) {
    if (isConstrained === this.#isConstrained) return;
    this.#isConstrained = isConstrained;
    if (this.isDown && this.#settings.tool !== 'pick') this.#act();
  }

  down(point: StrokePoint, press: Press): void {
    this.#settings = this.#sheet.settings(press.as);
    this.#press = press;
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
    const { tool } = this.#settings;
    this.cancel();
    if (mark !== null) this.#sheet.addMark(mark);
    if (tool === 'pick' && this.#press.as === null) this.#sheet.picked();
  }

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
    const end = place(this.#points.at(-1)!);
    switch (tool) {
      case 'stroke':
      case 'eraser': {
        const { truePressure: pressure } = this.#press;
        return { kind: tool, color, size, opacity, smoothing, pressure, points: this.#path(from, end) };
      }
      case 'area':
        return { kind: tool, color, opacity, points: this.#points.map(place) };
      case 'line':
        return { kind: tool, color, size, opacity, from, to: this.#isConstrained ? constrainLine(from, end) : end };
      case 'rectangle':
      case 'ellipse':
        return { kind: tool, color, size, opacity, from, to: this.#isConstrained ? constrainBox(from, end) : end };
      case 'fill':
        return { kind: tool, color, opacity, at: end };
      case 'select':
      case 'pick':
      case 'pan':
        return null;
    }
  }

  /** With Shift a stroke is straight. */
  #path(from: Point, end: Point): StrokePoint[] {
    if (!this.#isConstrained) return [...this.#points];
    return [this.#points[0]!, [...constrainLine(from, end), this.#points.at(-1)![2]]];
  }
}

function place([x, y]: StrokePoint): Point {
  return [x, y];
}
