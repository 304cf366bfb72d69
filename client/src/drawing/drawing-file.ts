import { EMPTY_DRAWING, type DrawingState } from './drawing.js';
import { MAX_LAYER_NAME, MAX_LAYERS, ONE_LAYER, type Layer } from './layers.js';
import type { Mark } from './marks.js';

/*
 * A drawing as a file: JSON, described in docs/FILE.md. A later version of the format gets another number.
 */
const FILE_TYPE = 'application/vnd.underpaint+json';
export const FILE_EXTENSION = '.underpaint';
const FORMAT = 'underpaint';
const VERSION = 1;

/** Everything that a file holds. */
export interface DrawingFile {
  readonly drawing: DrawingState;
  /** The words and settings. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** The file is not a drawing, or one of a later version. */
class DrawingFileError extends Error {
  override readonly name = 'DrawingFileError';
}

export async function writeDrawingFile({ drawing, params }: DrawingFile): Promise<Blob> {
  const pictures: Blob[] = [];
  const indexOf = (blob: Blob) => (pictures.includes(blob) ? pictures.indexOf(blob) : pictures.push(blob) - 1);
  const withIndex = <T extends { readonly blob: Blob }>({ blob, ...rest }: T) => ({ ...rest, picture: indexOf(blob) });
  const { layers = ONE_LAYER, paper = 'model' } = drawing;
  const marks = drawing.marks.map((mark) => (mark.kind === 'picture' ? withIndex(mark) : mark));
  const background = drawing.background && withIndex(drawing.background);
  const file = {
    format: FORMAT,
    version: VERSION,
    params,
    paper,
    layers,
    background,
    marks,
    pictures: await Promise.all(pictures.map(dataUrlOf)),
  };
  return new Blob([JSON.stringify(file)], { type: FILE_TYPE });
}

/** @throws DrawingFileError if the file is not a drawing that this version can read */
export async function readDrawingFile(file: Blob): Promise<DrawingFile> {
  const content = parse(await file.text());
  if (content['format'] !== FORMAT) throw new DrawingFileError('the file is not a drawing of underpaint');
  if (content['version'] !== VERSION) throw new DrawingFileError('the file was made by a later version of underpaint');
  const pictures = await Promise.all(listOf(content['pictures']).map(blobOf));
  const background = recordOf(content['background']);
  const picture = pictures[background['picture'] as number];
  const layers = listOf(content['layers']).flatMap((layer) => layerOf(recordOf(layer)) ?? []);
  return {
    params: recordOf(content['params']),
    drawing: {
      ...EMPTY_DRAWING,
      marks: listOf(content['marks']).flatMap((mark) => markOf(recordOf(mark), pictures) ?? []),
      background: picture ? { blob: picture, opacity: fraction(background['opacity']) } : null,
      layers: layers.length === 0 ? ONE_LAYER : layers.slice(0, MAX_LAYERS),
      paper: typeof content['paper'] === 'string' ? paperOf(content['paper']) : 'model',
    },
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function layerOf({ id, name, isHidden, opacity }: Readonly<Record<string, unknown>>): Layer | null {
  if (!isCount(id) || typeof name !== 'string') return null;
  return { id, name: name.slice(0, MAX_LAYER_NAME), isHidden: isHidden === true, opacity: fraction(opacity) };
}

/** @returns null for a mark that cannot be painted */
function markOf(mark: Readonly<Record<string, unknown>>, pictures: readonly (Blob | null)[]): Mark | null {
  const { id, layer, matrix } = mark;
  const placed = {
    ...(isCount(id) && { id }),
    ...(isCount(layer) && { layer }),
    ...(isPoint(matrix, 6) && { matrix }),
  };
  const look = lookOf(mark, pictures);
  return look && ({ ...placed, opacity: fraction(mark['opacity']), ...look } as unknown as Mark);
}

function lookOf(mark: Readonly<Record<string, unknown>>, pictures: readonly (Blob | null)[]): object | null {
  const { kind, size, smoothing, pressure, points, from, to, at, box, picture } = mark;
  const color = typeof mark['color'] === 'string' ? mark['color'] : '#000000';
  switch (kind) {
    case 'stroke':
    case 'eraser': {
      if (!isPath(points, 3) || !isNumber(size)) return null;
      return { kind, color, size, smoothing: fraction(smoothing), pressure: pressure === true, points };
    }
    case 'area':
      return isPath(points, 2) ? { kind, color, points } : null;
    case 'line':
    case 'rectangle':
    case 'ellipse':
      return isPoint(from, 2) && isPoint(to, 2) && isNumber(size) ? { kind, color, size, from, to } : null;
    case 'fill':
      return isPoint(at, 2) ? { kind, color, at } : null;
    case 'picture': {
      const blob = pictures[picture as number];
      return blob ? { kind, blob, ...(isPoint(box, 2) && { box }) } : null;
    }
    default:
      return null;
  }
}

function paperOf(paper: string): string {
  return /^(transparent|#[0-9a-f]{6})$/.test(paper) ? paper : 'model';
}

function isPath(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((point) => isPoint(point, length));
}

function isPoint(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every(isNumber);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function fraction(value: unknown): number {
  return isNumber(value) ? Math.min(1, Math.max(0, value)) : 1;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function dataUrlOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result as string));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('the picture cannot be read')));
    reader.readAsDataURL(blob);
  });
}

/** @returns null if it is not a picture within the file: nothing is loaded from elsewhere */
async function blobOf(url: unknown): Promise<Blob | null> {
  if (typeof url !== 'string' || !/^data:image\/(png|jpeg|webp);base64,/.test(url)) return null;
  const [head, data] = url.split(',') as [string, string];
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const blob = new Blob([bytes], { type: head.slice(5, -7) });
    (await createImageBitmap(blob)).close();
    return blob;
  } catch {
    return null;
  }
}
