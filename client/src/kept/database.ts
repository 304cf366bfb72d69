import type { DrawingState } from '../drawing/drawing.js';

const NAME = 'underpaint';
const VERSION = 2;
/** The only store of version 1: drawings by the name of their studio. */
const FORMER_STORE = 'drawings';

/** `…Content` holds the large parts, so that lists are read without them. */
export type Store = 'sheets' | 'sheetContents' | 'results' | 'resultContents';

let database: IDBDatabase | null = null;

/**
 * Runs requests in one transaction. Once the database is open it starts them at once, because a page that is closing
 * cannot wait for its last save.
 *
 * @returns the result of the request that `act` returns, when the transaction is complete
 * @throws DOMException if the browser keeps no data (private windows) or has no space left
 */
export async function transact<T>(
  stores: readonly Store[],
  mode: IDBTransactionMode,
  act: (store: (name: Store) => IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const open = database ?? (await openDatabase());
  const transaction = open.transaction(stores, mode);
  const request = act((name) => transaction.objectStore(name));
  transaction.commit();
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', () => reject(transaction.error ?? new DOMException('not saved')));
  });
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, VERSION);
  request.addEventListener('upgradeneeded', ({ oldVersion }) => {
    createStores(request.result);
    if (oldVersion === 1) moveFormerDrawings(request.transaction!);
  });
  database = await new Promise<IDBDatabase>((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    for (const name of ['error', 'blocked'])
      request.addEventListener(name, () => reject(request.error ?? new Error(name)));
  });
  database.addEventListener('close', () => (database = null));
  // Another tab has loaded a later version of this page.
  database.addEventListener('versionchange', () => {
    database?.close();
    database = null;
  });
  return database;
}

function createStores(created: IDBDatabase): void {
  created.createObjectStore('sheets', { keyPath: 'id' }).createIndex('name', 'name');
  created.createObjectStore('sheetContents', { keyPath: 'id' });
  created.createObjectStore('results', { keyPath: 'id', autoIncrement: true }).createIndex('name', 'name');
  created.createObjectStore('resultContents', { keyPath: 'id' });
}

function moveFormerDrawings(upgrade: IDBTransaction): void {
  const former = upgrade.objectStore(FORMER_STORE).openCursor();
  former.addEventListener('success', () => {
    const cursor = former.result;
    if (cursor === null) return upgrade.db.deleteObjectStore(FORMER_STORE);
    const id = String(cursor.key);
    const state = cursor.value as DrawingState;
    upgrade.objectStore('sheets').put({ id, name: id, savedAt: Date.now(), words: '', picture: null, settings: {} });
    upgrade.objectStore('sheetContents').put({ id, state, past: [], future: [] });
    cursor.continue();
  });
}
