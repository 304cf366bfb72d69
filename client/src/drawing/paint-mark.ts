import type { HiddenCanvas } from '../canvas.js';
import { floodFill } from './flood-fill.js';
import type { FillMark, Mark, ShapeMark } from './marks.js';
import { createLayer, type Context2D, type RasterSize } from './raster.js';
import { strokeOutline } from './stroke-outline.js';

/** Everything that painting needs besides the mark. */
export interface PaintAids {
  readonly size: RasterSize;
  /** The layer under the ink. A flood fill sees both. */
  readonly ground: HiddenCanvas;
  /** The decoded picture of a blob; undefined until it is decoded. */
  readonly picture: (blob: Blob) => ImageBitmap | undefined;
}

interface PaintOptions extends PaintAids {
  /** False while the mark is being drawn. */
  readonly finished?: boolean;
}

const FILL_TOLERANCE = 28;

/** Paints one mark onto the ink. The same marks in the same order give the same pixels. */
export function paintMark(ink: Context2D, mark: Mark, options: PaintOptions): void {
  const { size, finished = true } = options;
  ink.save();
  ink.setTransform(size.scale, 0, 0, size.scale, 0, 0);
  ink.globalAlpha = mark.opacity;
  switch (mark.kind) {
    case 'stroke':
      ink.fillStyle = mark.color;
      ink.fill(strokeOutline(mark, finished));
      break;
    case 'eraser':
      ink.globalCompositeOperation = 'destination-out';
      ink.fill(strokeOutline(mark, finished));
      break;
    case 'area':
      ink.fillStyle = mark.color;
      ink.fill(closedPath(mark.points));
      break;
    case 'line':
    case 'rectangle':
    case 'ellipse':
      paintShape(ink, mark);
      break;
    case 'fill':
      paintFill(ink, mark, options);
      break;
    case 'picture':
      ink.resetTransform();
      paintCover(ink, options.picture(mark.blob));
      break;
  }
  ink.restore();
}

function closedPath(points: readonly (readonly [number, number])[]): Path2D {
  const path = new Path2D();
  for (const [x, y] of points) path.lineTo(x, y);
  path.closePath();
  return path;
}

function paintShape(ink: Context2D, mark: ShapeMark): void {
  const [x0, y0] = mark.from;
  const [x1, y1] = mark.to;
  const left = Math.min(x0, x1);
  const top = Math.min(y0, y1);
  const width = Math.abs(x1 - x0);
  const height = Math.abs(y1 - y0);
  ink.fillStyle = mark.color;
  ink.beginPath();
  if (mark.kind === 'rectangle') {
    ink.rect(left, top, width, height);
    ink.fill();
  } else if (mark.kind === 'ellipse') {
    ink.ellipse(left + width / 2, top + height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
    ink.fill();
  } else {
    ink.strokeStyle = mark.color;
    ink.lineWidth = mark.size;
    ink.lineCap = 'round';
    ink.moveTo(x0, y0);
    ink.lineTo(x1, y1);
    ink.stroke();
  }
}

/** Covers the layer with the picture, cropped about its centre. */
export function paintCover(context: Context2D, picture: ImageBitmap | undefined): void {
  if (picture === undefined) return;
  const { width, height } = context.canvas;
  const scale = Math.max(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
}

function paintFill(ink: Context2D, mark: FillMark, { size, ground }: PaintAids): void {
  const x = Math.floor(mark.at[0] * size.scale);
  const y = Math.floor(mark.at[1] * size.scale);
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return;
  const layer = createLayer(size);
  layer.drawImage(ground, 0, 0);
  layer.drawImage(ink.canvas, 0, 0);
  const covered = floodFill(layer.getImageData(0, 0, size.width, size.height), { x, y }, FILL_TOLERANCE);
  layer.putImageData(maskImage(covered, size), 0, 0);
  layer.globalCompositeOperation = 'source-in';
  layer.fillStyle = mark.color;
  layer.fillRect(0, 0, size.width, size.height);
  ink.resetTransform();
  ink.drawImage(layer.canvas, 0, 0);
}

function maskImage(covered: Uint8Array, size: RasterSize): ImageData {
  const image = new ImageData(size.width, size.height);
  const alpha = new Uint32Array(image.data.buffer);
  for (let i = 0; i < covered.length; i++) if (covered[i] === 1) alpha[i] = 0xff000000;
  return image;
}
