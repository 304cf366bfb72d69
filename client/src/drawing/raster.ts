import { createContext, type HiddenContext } from '../canvas.js';
import { SKETCH_WIDTH } from './marks.js';

export type Context2D = HiddenContext;

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

export function createLayer(size: RasterSize): HiddenContext {
  return createContext(size.width, size.height);
}

export function clearLayer(context: Context2D): void {
  context.resetTransform();
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}
