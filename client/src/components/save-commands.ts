import { download } from './download.js';
import type { Params, ParamsPatch } from '@underpaint/shared';
import type { DrawingState } from '../drawing/drawing.js';
import { FILE_EXTENSION, readDrawingFile, writeDrawingFile } from '../drawing/drawing-file.js';
import { exported, type ExportChoice } from './export-file.js';
import { fileNameOf } from './file-name.js';
import type { SaveCommand } from './save-command.js';

/** The contents to save, and the place for an opened drawing. */
export interface SaveTarget {
  readonly params: Params | null;
  readonly picture: Blob | null;
  readonly drawing: DrawingState;
  sketch(): Promise<Blob>;
  /** Asks the person what to export. Null for nothing. */
  chooseExport(): Promise<ExportChoice | null>;
  open(drawing: DrawingState, params: ParamsPatch): Promise<void>;
}

const EXTENSIONS = { png: '.png', jpeg: '.jpg', webp: '.webp' } as const;
const QUICK: Readonly<Partial<Record<SaveCommand, ExportChoice>>> = {
  saveSketch: { part: 'sketch', format: 'png', scale: 4 },
  saveBoth: { part: 'both', format: 'png', scale: 4 },
};

/** Does nothing if the command needs a picture and there is none. Rejects if a file cannot be read or written. */
export async function runSave(command: SaveCommand, target: SaveTarget): Promise<void> {
  const { picture, params } = target;
  const words = params?.prompt ?? '';
  if (command === 'saveDrawing') {
    const file = await writeDrawingFile({ drawing: target.drawing, params: { ...params } });
    return download(file, fileNameOf(words, FILE_EXTENSION));
  }
  if (command === 'openDrawing') return openChosen(target);
  if (picture === null) return;
  if (command === 'copyPicture') return copy(picture);
  if (command === 'savePicture') return download(picture, fileNameOf(words, EXTENSIONS.jpeg));
  const choice = QUICK[command] ?? (await target.chooseExport());
  if (choice === null) return;
  const file = await exported(choice, { picture, sketch: () => target.sketch() });
  download(file, fileNameOf(words, EXTENSIONS[choice.format]));
}

/** @throws DrawingFileError if the file is not a drawing */
export async function openFile(file: Blob, target: Pick<SaveTarget, 'open'>): Promise<void> {
  const { drawing, params } = await readDrawingFile(file);
  await target.open(drawing, pickParams(params));
}

/** Browsers take only PNG. The blob is a promise, because Safari forgets the click while it is made. */
async function copy(picture: Blob): Promise<void> {
  const sources = { picture, sketch: () => Promise.resolve(picture) };
  const png = exported({ part: 'picture', format: 'png', scale: 1 }, sources);
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
}

async function openChosen(target: SaveTarget): Promise<void> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = FILE_EXTENSION;
  const chosen = new Promise<File | null>((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null));
    input.addEventListener('cancel', () => resolve(null));
  });
  input.click();
  const file = await chosen;
  if (file !== null) await openFile(file, target);
}

/** The server checks their ranges. */
function pickParams({ prompt, negativePrompt, strength, steps, guidance, control, seed }: SavedParams): ParamsPatch {
  const numbers = Object.entries({ strength, steps, guidance, control, seed }).filter(
    ([, value]) => typeof value === 'number' && Number.isFinite(value),
  );
  const words = Object.entries({ prompt, negativePrompt }).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries([...numbers, ...words]) as ParamsPatch;
}

type SavedParams = Readonly<Record<string, unknown>>;
