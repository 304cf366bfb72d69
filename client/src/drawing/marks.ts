import type { Matrix, Point } from './matrix.js';

export type { Point } from './matrix.js';

/**
 * A drawing is a list of marks, painted in order. Coordinates and sizes are in sketch units: the picture is 256 units
 * wide at any resolution, and its height follows from its shape. Marks are plain data and are stored unchanged.
 */
export const SKETCH_WIDTH = 256;

/** What every mark may have besides its look. */
interface Placed {
  /** Stays with the object when it is changed. Drawings give it to marks without one. */
  readonly id?: number;
  /** The layer; without it the first one. */
  readonly layer?: number;
  /** Moves, scales or turns the mark, in sketch units. */
  readonly matrix?: Matrix;
}

export interface StrokeMark extends Placed {
  readonly kind: 'stroke' | 'eraser';
  readonly color: string;
  /** Diameter at full pressure. */
  readonly size: number;
  readonly opacity: number;
  /** 0..1: how strongly the line is smoothed. */
  readonly smoothing: number;
  /** Whether `points` carry the pressure of a real pen. Other strokes get a pressure from their speed. */
  readonly pressure: boolean;
  readonly points: readonly StrokePoint[];
}

export type StrokePoint = readonly [x: number, y: number, pressure: number];

/** A closed outline, filled. */
export interface AreaMark extends Placed {
  readonly kind: 'area';
  readonly color: string;
  readonly opacity: number;
  readonly points: readonly Point[];
}

export interface ShapeMark extends Placed {
  readonly kind: 'line' | 'rectangle' | 'ellipse';
  readonly color: string;
  readonly size: number;
  readonly opacity: number;
  /** Line: its ends. Rectangle and ellipse: two opposite corners of the box. */
  readonly from: Point;
  readonly to: Point;
}

/** A flood fill: the connected area of about the colour at a point. */
export interface FillMark extends Placed {
  readonly kind: 'fill';
  readonly color: string;
  readonly opacity: number;
  readonly at: Point;
}

/** A picture. */
export interface PictureMark extends Placed {
  readonly kind: 'picture';
  readonly opacity: number;
  readonly blob: Blob;
  /** Width and height; without it the picture covers the whole sketch. */
  readonly box?: Point;
}

export type Mark = StrokeMark | AreaMark | ShapeMark | FillMark | PictureMark;

/** `select` changes marks, `pick` takes a colour from the sketch, `pan` moves the view. The others make marks. */
export const TOOLS = [
  'stroke',
  'eraser',
  'area',
  'line',
  'rectangle',
  'ellipse',
  'fill',
  'select',
  'pick',
  'pan',
] as const;
export type Tool = (typeof TOOLS)[number];

export interface ToolSettings {
  readonly tool: Tool;
  readonly color: string;
  readonly size: number;
  readonly opacity: number;
  readonly smoothing: number;
}

export const DEFAULT_TOOL: ToolSettings = Object.freeze({
  tool: 'stroke',
  color: '#2f4a35',
  size: 12,
  opacity: 1,
  smoothing: 0.5,
});

/** A random number for a mark: of 10 000 marks, two have the same one once in 20 000 drawings. */
export function newId(): number {
  return Math.floor(Math.random() * 2 ** 40);
}
