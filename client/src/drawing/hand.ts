import type { StrokePoint, Tool } from './marks.js';

/** How a pointer went down. */
export interface Press {
  /** Whether the points carry the pressure of a real pen. */
  readonly truePressure: boolean;
  /** The tool of this press, whatever the current one is; null for the current one. */
  readonly as: Tool | null;
}

/** What one pointer, or the keyboard's cross, does on the sheet. */
export interface Hand {
  readonly isDown: boolean;
  /** Whether Shift is held: shapes get equal sides, lines multiples of 45 degrees. */
  isConstrained: boolean;
  down(point: StrokePoint, press: Press): void;
  move(points: readonly StrokePoint[]): void;
  up(): void;
  /** Drops what is under way: it became a pinch, or the person takes it back. */
  cancel(): void;
}
