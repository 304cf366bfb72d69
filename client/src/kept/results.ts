import type { Params } from '@underpaint/shared';
import type { DrawingState } from '../drawing/drawing.js';
import { transact, type Store } from './database.js';

/** A picture with everything that made it, apart from the drawing, which is loaded when it is needed. */
export interface Result {
  readonly id: number;
  /** The `autosave` of its studio. */
  readonly name: string;
  /** A `Date.now()` time. */
  readonly at: number;
  /** Whether the person keeps it. The others are the latest pictures, and the oldest of them go. */
  readonly isKept: boolean;
  readonly picture: Blob;
  readonly params: Params;
}

interface Content {
  readonly id: number;
  readonly drawing: DrawingState;
}

const STORES: readonly Store[] = ['results', 'resultContents'];
/** Kept pictures never go by themselves: above this number none is added. */
const MAX_KEPT = 300;
const MAX_LATEST = 60;

/** The history of pictures, newest first. It fires `change`. Without a name, or in a private window, it lasts as long as the page. */
export class Results extends EventTarget {
  readonly #name: string;
  /** Drawings that are not in the database. */
  readonly #drawings = new Map<number, DrawingState>();
  #list: readonly Result[] = [];

  private constructor(name: string) {
    super();
    this.#name = name;
  }

  static async open(name: string): Promise<Results> {
    const results = new Results(name);
    if (name !== '') results.#list = await listResults(name).catch(() => []);
    return results;
  }

  get list(): readonly Result[] {
    return this.#list;
  }

  /** @returns false if there are too many kept pictures */
  async add({ drawing, ...result }: Omit<Result, 'id' | 'name' | 'at'> & Omit<Content, 'id'>): Promise<boolean> {
    const isFull = this.#list.filter(({ isKept }) => isKept).length >= MAX_KEPT;
    if (result.isKept && isFull) return false;
    const added = { ...result, name: this.#name, at: Date.now() };
    const id = await this.#save(added, drawing);
    this.#become([{ ...added, id }, ...this.#list]);
    const latest = this.#list.filter(({ isKept }) => !isKept);
    for (const old of latest.slice(MAX_LATEST)) await this.delete(old);
    return true;
  }

  /** @returns null if another tab has deleted it */
  async drawingOf({ id }: Result): Promise<DrawingState | null> {
    return this.#drawings.get(id) ?? (await loadDrawing(id).catch(() => null));
  }

  async keep(result: Result, isKept: boolean): Promise<void> {
    const changed = { ...result, isKept };
    this.#become(this.#list.map((each) => (each.id === result.id ? changed : each)));
    if (this.#drawings.has(result.id)) return;
    await transact(['results'], 'readwrite', (store) => store('results').put(changed)).catch(() => undefined);
  }

  async delete({ id }: Result): Promise<void> {
    this.#become(this.#list.filter((each) => each.id !== id));
    if (this.#drawings.delete(id)) return;
    await transact(STORES, 'readwrite', (store) => {
      store('results').delete(id);
      return store('resultContents').delete(id);
    }).catch(() => undefined);
  }

  async #save(result: Omit<Result, 'id'>, drawing: DrawingState): Promise<number> {
    const id = this.#name === '' ? null : await saveResult(result, drawing).catch(() => null);
    if (id !== null) return id;
    // Ids of the database are positive.
    const own = -1 - this.#drawings.size;
    this.#drawings.set(own, drawing);
    return own;
  }

  #become(list: readonly Result[]): void {
    this.#list = list;
    this.dispatchEvent(new Event('change'));
  }
}

async function listResults(name: string): Promise<readonly Result[]> {
  const found = await transact(
    ['results'],
    'readonly',
    (store) => store('results').index('name').getAll(name) as IDBRequest<Result[]>,
  );
  return found.toSorted((a, b) => b.at - a.at || b.id - a.id);
}

async function loadDrawing(id: number): Promise<DrawingState | null> {
  const found = await transact(
    ['resultContents'],
    'readonly',
    (store) => store('resultContents').get(id) as IDBRequest<Content | undefined>,
  );
  return found?.drawing ?? null;
}

async function saveResult(result: Omit<Result, 'id'>, drawing: DrawingState): Promise<number> {
  const id = (await transact(['results'], 'readwrite', (store) => store('results').add(result))) as number;
  await transact(['resultContents'], 'readwrite', (store) => store('resultContents').put({ id, drawing }));
  return id;
}
