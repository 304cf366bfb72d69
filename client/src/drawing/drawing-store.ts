import type { DrawingState } from './drawing.js';

const DATABASE = 'underpaint';
const STORE = 'drawings';

/** @returns the drawing saved under this name, null when there is none */
export async function loadDrawing(name: string): Promise<DrawingState | null> {
  const found = await transact('readonly', (store) => store.get(name));
  return (found as DrawingState | undefined) ?? null;
}

export async function saveDrawing(name: string, state: DrawingState): Promise<void> {
  await transact('readwrite', (store) => store.put(state, name));
}

async function transact(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode);
    return await settled(act(transaction.objectStore(STORE)));
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the browser keeps no data')));
  });
}
