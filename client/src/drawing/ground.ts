import type { Context2D } from './raster.js';

/**
 * The ground of an empty sketch. Landscape models read white as snow, so `landscape` is a hazy sky over land: two flat
 * bands of sky and one of ground, like the model's training sketches. Any other value is a CSS colour.
 */
export type Ground = 'landscape' | (string & {});

const LANDSCAPE_BANDS = [
  { until: 0.33, color: '#86b1d8' },
  { until: 0.62, color: '#c3d9e4' },
  { until: 1, color: '#6f8f63' },
] as const;

export function paintGround(context: Context2D, ground: Ground): void {
  const { width, height } = context.canvas;
  context.resetTransform();
  context.clearRect(0, 0, width, height);
  if (ground !== 'landscape') {
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    return;
  }
  let top = 0;
  for (const band of LANDSCAPE_BANDS) {
    const bottom = Math.round(band.until * height);
    context.fillStyle = band.color;
    context.fillRect(0, top, width, bottom - top);
    top = bottom;
  }
}
