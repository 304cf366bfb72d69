import type { HiddenCanvas } from '../canvas.js';
import { floodFill } from './flood-fill.js';
import type { FillMark, Mark, PictureMark, ShapeMark, StrokeMark } from './marks.js';
import { mapPoint, type Point } from './matrix.js';
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
  /** The place of the sheet on a larger layer, in pixels. */
  readonly origin?: Point;
}

const FILL_TOLERANCE = 28;

/** Paints one mark onto the ink. The same marks in the same order give the same pixels. */
export function paintMark(ink: Context2D, mark: Mark, options: PaintOptions): void {
  const { size, finished = true, origin: [left, top] = [0, 0] } = options;
  ink.save();
  ink.setTransform(size.scale, 0, 0, size.scale, left, top);
  if (mark.matrix !== undefined) ink.transform(...mark.matrix);
  ink.globalAlpha = mark.opacity;
  switch (mark.kind) {
    case 'stroke':
      ink.fillStyle = mark.color;
      ink.fill(outlineOf(mark, finished));
      break;
    case 'eraser':
      ink.globalCompositeOperation = 'destination-out';
      ink.fill(outlineOf(mark, finished));
      break;
    case 'area':
      ink.fillStyle = mark.color;
      ink.fill(cached(mark.points, () => closedPath(mark.points)));
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
      paintPicture(ink, mark, options);
      break;
  }
  ink.restore();
}

const paths = new WeakMap<object, Path2D>();

/** Marks that are moved keep their points, so an outline is computed once. */
function cached(points: object, make: () => Path2D): Path2D {
  const path = paths.get(points) ?? make();
  paths.set(points, path);
  return path;
}

function outlineOf(mark: StrokeMark, finished: boolean): Path2D {
  return finished ? cached(mark.points, () => strokeOutline(mark, true)) : strokeOutline(mark, false);
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

function paintPicture(ink: Context2D, { blob, box, matrix }: PictureMark, { picture, size }: PaintAids): void {
  const bitmap = picture(blob);
  if (bitmap === undefined) return;
  ink.imageSmoothingQuality = 'high';
  if (box !== undefined) return ink.drawImage(bitmap, 0, 0, ...box);
  ink.scale(1 / size.scale, 1 / size.scale);
  if (matrix !== undefined) {
    ink.beginPath();
    ink.rect(0, 0, size.width, size.height);
    ink.clip();
  }
  drawCover(ink, bitmap, size);
}

/** Covers the layer with the picture, cropped about its centre. */
export function paintCover(context: Context2D, picture: ImageBitmap | undefined): void {
  if (picture !== undefined) drawCover(context, picture, context.canvas);
}

function drawCover(
  context: Context2D,
  picture: ImageBitmap,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const scale = Math.max(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
}

function paintFill(ink: Context2D, mark: FillMark, { size, ground }: PaintAids): void {
  const at = mark.matrix === undefined ? mark.at : mapPoint(mark.matrix, mark.at);
  const x = Math.floor(at[0] * size.scale);
  const y = Math.floor(at[1] * size.scale);
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
