import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Mark, Point, StrokePoint } from '../drawing/marks.js';
import { isPlaced, readPlacement, writePlacement } from './placement-codec.js';

/** Steps per sketch unit: about a fifth of a pixel of the raster. The distance to the next point mostly takes one byte. */
const GRAIN = 16;
const LEVELS = 255;
const KINDS = ['stroke', 'eraser', 'area', 'line', 'rectangle', 'ellipse', 'fill', 'picture'] as const;
const MAX_COLOR_LENGTH = 32;
/** Added to the kind of a mark that has a placement, and of a picture that has a box. */
const PLACED = 0x80;
const BOXED = 0x40;

/**
 * Encodes a mark for a shared drawing: a stroke of 400 points takes less than a kilobyte. Coordinates are rounded. The
 * author reads the rounded mark back like everybody else, so that all paint the same pixels.
 *
 * @param pictureBytes the file behind the blob of a picture
 */
export function encodeMark(mark: Mark, pictureBytes: (picture: Blob) => Uint8Array): Uint8Array {
  const to = encoding.createEncoder();
  const box = mark.kind === 'picture' ? mark.box : undefined;
  const isMarkPlaced = isPlaced(mark);
  encoding.writeUint8(to, KINDS.indexOf(mark.kind) + (isMarkPlaced ? PLACED : 0) + (box ? BOXED : 0));
  if (isMarkPlaced) writePlacement(to, mark);
  writeFraction(to, mark.opacity);
  if (mark.kind === 'picture') {
    for (const length of box ?? []) writeLength(to, length);
    encoding.writeVarUint8Array(to, pictureBytes(mark.blob));
    return encoding.toUint8Array(to);
  }
  encoding.writeVarString(to, mark.color.slice(0, MAX_COLOR_LENGTH));
  switch (mark.kind) {
    case 'stroke':
    case 'eraser':
      writeLength(to, mark.size);
      writeFraction(to, mark.smoothing);
      encoding.writeUint8(to, mark.pressure ? 1 : 0);
      writePoints(to, mark.points);
      if (mark.pressure) for (const [, , pressure] of mark.points) writeFraction(to, pressure);
      break;
    case 'area':
      writePoints(to, mark.points);
      break;
    case 'line':
    case 'rectangle':
    case 'ellipse':
      writeLength(to, mark.size);
      writePoints(to, [mark.from, mark.to]);
      break;
    case 'fill':
      writePoints(to, [mark.at]);
      break;
  }
  return encoding.toUint8Array(to);
}

/**
 * Decodes a mark that `encodeMark` encoded.
 *
 * @param pictureBlob returns the blob of a picture's file
 * @returns null for anything else: another program may have written to the drawing
 */
export function decodeMark(bytes: Uint8Array, pictureBlob: (file: Uint8Array) => Blob): Mark | null {
  try {
    const from = decoding.createDecoder(bytes);
    const mark = readMark(from, pictureBlob);
    // Past the end the library reads zeros without an error.
    return from.pos === bytes.length ? mark : null;
  } catch {
    return null;
  }
}

function readMark(from: decoding.Decoder, pictureBlob: (file: Uint8Array) => Blob): Mark | null {
  const first = decoding.readUint8(from);
  const placement = (first & PLACED) === 0 ? {} : readPlacement(from);
  const look = readLook(from, { first: first & ~PLACED, pictureBlob });
  return look && { ...placement, ...look };
}

interface LookAids {
  /** The kind of the mark, and whether a picture has a box. */
  readonly first: number;
  readonly pictureBlob: (file: Uint8Array) => Blob;
}

function readLook(from: decoding.Decoder, { first, pictureBlob }: LookAids): Mark | null {
  const kind = KINDS[first & ~BOXED];
  if (kind === undefined || ((first & BOXED) !== 0 && kind !== 'picture')) return null;
  const opacity = readFraction(from);
  if (kind === 'picture') {
    const box = first & BOXED ? ([readLength(from), readLength(from)] as const) : undefined;
    return { kind, opacity, ...(box && { box }), blob: pictureBlob(decoding.readVarUint8Array(from)) };
  }
  const color = decoding.readVarString(from);
  switch (kind) {
    case 'stroke':
    case 'eraser': {
      const size = readLength(from);
      const smoothing = readFraction(from);
      const pressure = decoding.readUint8(from) === 1;
      const places = readPoints(from);
      const points = places.map(([x, y]): StrokePoint => [x, y, pressure ? readFraction(from) : 0.5]);
      return points.length === 0 ? null : { kind, color, size, opacity, smoothing, pressure, points };
    }
    case 'area':
      return { kind, color, opacity, points: readPoints(from) };
    case 'line':
    case 'rectangle':
    case 'ellipse': {
      const size = readLength(from);
      const [start, end] = readPoints(from);
      return start && end ? { kind, color, size, opacity, from: start, to: end } : null;
    }
    case 'fill': {
      const [at] = readPoints(from);
      return at ? { kind, color, opacity, at } : null;
    }
  }
}

/** Writes the first point, then the distance from each point to the next. */
function writePoints(to: encoding.Encoder, points: readonly (Point | StrokePoint)[]): void {
  encoding.writeVarUint(to, points.length);
  let [lastX, lastY] = [0, 0];
  for (const point of points) {
    const [x, y] = [Math.round(point[0] * GRAIN), Math.round(point[1] * GRAIN)];
    encoding.writeVarInt(to, x - lastX);
    encoding.writeVarInt(to, y - lastY);
    [lastX, lastY] = [x, y];
  }
}

function readPoints(from: decoding.Decoder): Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  for (let left = decoding.readVarUint(from); left > 0; left--) {
    if (!decoding.hasContent(from)) throw new RangeError('a mark was cut short');
    x += decoding.readVarInt(from);
    y += decoding.readVarInt(from);
    points.push([x / GRAIN, y / GRAIN]);
  }
  return points;
}

function writeLength(to: encoding.Encoder, length: number): void {
  encoding.writeVarUint(to, Math.round(length * GRAIN));
}

function readLength(from: decoding.Decoder): number {
  return decoding.readVarUint(from) / GRAIN;
}

function writeFraction(to: encoding.Encoder, fraction: number): void {
  encoding.writeUint8(to, Math.round(fraction * LEVELS));
}

function readFraction(from: decoding.Decoder): number {
  return decoding.readUint8(from) / LEVELS;
}
