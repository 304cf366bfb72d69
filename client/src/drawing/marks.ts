/**
 * A drawing is a list of marks, painted in order. Coordinates and sizes are in sketch units: the picture is 256 units
 * wide at any resolution, and its height follows from its shape. Marks are plain data and are stored unchanged.
 */
export const SKETCH_WIDTH = 256;

export interface StrokeMark {
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
export type Point = readonly [x: number, y: number];

/** A closed outline, filled. */
export interface AreaMark {
  readonly kind: 'area';
  readonly color: string;
  readonly opacity: number;
  readonly points: readonly Point[];
}

export interface ShapeMark {
  readonly kind: 'line' | 'rectangle' | 'ellipse';
  readonly color: string;
  readonly size: number;
  readonly opacity: number;
  /** Line: its ends. Rectangle and ellipse: two opposite corners of the box. */
  readonly from: Point;
  readonly to: Point;
}

/** A flood fill: the connected area of about the colour at a point. */
export interface FillMark {
  readonly kind: 'fill';
  readonly color: string;
  readonly opacity: number;
  readonly at: Point;
}

/** A picture that covers the whole sketch. */
interface PictureMark {
  readonly kind: 'picture';
  readonly opacity: number;
  readonly blob: Blob;
}

export type Mark = StrokeMark | AreaMark | ShapeMark | FillMark | PictureMark;

/** `pick` takes a colour from the sketch; `pan` moves the view. The others make marks. */
export const TOOLS = ['stroke', 'eraser', 'area', 'line', 'rectangle', 'ellipse', 'fill', 'pick', 'pan'] as const;
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
