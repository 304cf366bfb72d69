import type { ParamsPatch } from '@underpaint/shared';
import type { DrawingHistory, OwnSteps } from '../drawing/drawing.js';
import type { ToolSettings } from '../drawing/marks.js';
import { transact, type Store } from './database.js';

/** What the person chose for their hands. */
export interface KeptTool extends ToolSettings {
  readonly eraserSize: number;
  readonly eraserOpacity: number;
  readonly activeLayer: number;
}

/** The settings in effect with the drawing. Older versions of the page may have saved less. */
export interface SheetSettings {
  readonly params?: ParamsPatch;
  readonly tool?: Partial<KeptTool>;
  readonly view?: string;
  readonly blend?: number;
  readonly seedLocked?: boolean;
}

export interface SheetDetails {
  readonly words: string;
  /** Its latest picture; null if it never had one. */
  readonly picture: Blob | null;
  readonly settings: SheetSettings;
}

/** A kept drawing in a list. */
export interface SheetSummary extends SheetDetails {
  readonly id: string;
  /** The `autosave` of its studio. */
  readonly name: string;
  /** A `Date.now()` time. */
  readonly savedAt: number;
}

/** A person's steps in a room's drawing. */
export interface KeptSteps extends OwnSteps {
  /** The id of the own drawing of the tab that made them: each tab of a browser has its own steps. */
  readonly tab: string;
}

export interface Sheet extends SheetSummary {
  readonly drawing: DrawingHistory;
  /** Of a room's drawing. */
  readonly steps?: KeptSteps | undefined;
}

const STORES: readonly Store[] = ['sheets', 'sheetContents'];
/** Steps to keep in each direction. */
const MAX_STEPS = 100;
/** The oldest ones above this number are deleted. */
const MAX_SHEETS = 100;

export function newSheetId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}

/** The sheet of a room's drawing. */
export function roomSheetId(key: string): string {
  return `room:${key}`;
}

export async function loadSheet(id: string): Promise<Sheet | null> {
  const [summary, content] = await Promise.all([
    transact(['sheets'], 'readonly', (store) => store('sheets').get(id) as IDBRequest<SheetSummary | undefined>),
    transact(
      ['sheetContents'],
      'readonly',
      (store) => store('sheetContents').get(id) as IDBRequest<Content | undefined>,
    ),
  ]);
  if (summary === undefined || content === undefined) return null;
  const { state, past, future, steps } = content;
  return { ...summary, drawing: { state, past, future }, steps };
}

interface Content extends DrawingHistory {
  readonly id: string;
  readonly steps?: KeptSteps | undefined;
}

/** @param sheet without its drawing if only the rest has changed */
export async function saveSheet({ drawing, steps, ...summary }: SheetSummary & Partial<Sheet>): Promise<void> {
  if (drawing === undefined) {
    await transact(['sheets'], 'readwrite', (store) => store('sheets').put(summary));
    return;
  }
  const { state, past, future } = drawing;
  const content: Content = {
    id: summary.id,
    state,
    past: past.slice(-MAX_STEPS),
    future: future.slice(-MAX_STEPS),
    steps: steps && { ...steps, past: steps.past.slice(-MAX_STEPS), future: steps.future.slice(-MAX_STEPS) },
  };
  await transact(STORES, 'readwrite', (store) => {
    store('sheets').put(summary);
    return store('sheetContents').put(content);
  });
}

/** @returns the kept drawings of this name, newest first */
export async function listSheets(name: string): Promise<readonly SheetSummary[]> {
  const found = await transact(
    ['sheets'],
    'readonly',
    (store) => store('sheets').index('name').getAll(name) as IDBRequest<SheetSummary[]>,
  );
  return found.toSorted((a, b) => b.savedAt - a.savedAt);
}

export async function deleteSheet(id: string): Promise<void> {
  await transact(STORES, 'readwrite', (store) => {
    store('sheets').delete(id);
    return store('sheetContents').delete(id);
  });
}

/** Deletes the oldest drawings of a name above `MAX_SHEETS`. */
export async function pruneSheets(name: string): Promise<void> {
  for (const { id } of (await listSheets(name)).slice(MAX_SHEETS)) await deleteSheet(id);
}
