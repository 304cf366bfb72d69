import { SKETCH_WIDTH } from './marks.js';

export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The size of the model's pictures. A sketch takes their aspect ratio. */
export interface PictureShape {
  readonly width: number;
  readonly height: number;
}

export const SQUARE: PictureShape = Object.freeze({ width: 256, height: 256 });

/** The resolution of a sketch: `scale` is pixels per sketch unit. */
export interface RasterSize {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** Finer than the model's pictures, so that lines are crisp on the screen. Frames are scaled down to the model's size. */
const RASTER_WIDTH = 768;

/** @param shape only its aspect ratio counts */
export function rasterSize(shape: PictureShape): RasterSize {
  return {
    width: RASTER_WIDTH,
    height: Math.round((RASTER_WIDTH * shape.height) / shape.width),
    scale: RASTER_WIDTH / SKETCH_WIDTH,
  };
}

export function createLayer(size: RasterSize): OffscreenCanvasRenderingContext2D {
  return context2d(new OffscreenCanvas(size.width, size.height));
}

function context2d(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser gives no 2d context to an OffscreenCanvas');
  return context;
}

export function clearLayer(context: Context2D): void {
  context.resetTransform();
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}
