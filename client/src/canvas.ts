/** A canvas that is not on the page. Safari before 16.4 has no `OffscreenCanvas`. */
export type HiddenCanvas = OffscreenCanvas | HTMLCanvasElement;
export type HiddenContext = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

export function createContext(
  width: number,
  height: number,
  options: CanvasRenderingContext2DSettings = {},
): HiddenContext {
  const context = createCanvas(width, height).getContext('2d', options) as HiddenContext | null;
  if (context === null) throw new Error('this browser gives no 2d context to a canvas');
  return context;
}

/** @param quality 0..1, for JPEG and WebP */
export function toBlob(canvas: HiddenCanvas, type = 'image/png', quality?: number): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) });
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob === null ? reject(new Error('the picture is too large')) : resolve(blob));
    canvas.toBlob(done, type, quality);
  });
}

function createCanvas(width: number, height: number): HiddenCanvas {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}
