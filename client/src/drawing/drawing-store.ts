import type { DrawingState } from './drawing.js';

const DATABASE = 'underpaint';
const STORE = 'drawings';

/** @returns the drawing saved under this name; null if there is none */
export async function loadDrawing(name: string): Promise<DrawingState | null> {
  const found = await transact('readonly', (store) => store.get(name));
  return (found as DrawingState | undefined) ?? null;
}

export async function saveDrawing(name: string, state: DrawingState): Promise<void> {
  await transact('readwrite', (store) => store.put(state, name));
}

let database: IDBDatabase | null = null;

/** Does not wait once the database is open: a page that is closing must start its last save at once. */
function transact(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  if (database === null) return open().then(() => transact(mode, act));
  const transaction = database.transaction(STORE, mode);
  const done = settled(act(transaction.objectStore(STORE)));
  transaction.commit();
  return done;
}

async function open(): Promise<void> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
  database = await settled(request);
  database.addEventListener('close', () => (database = null));
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the browser keeps no data')));
  });
}
