import { MAX_NAME_LENGTH, type PersonState } from './presence.js';

const STORED_AS = 'underpaint-person';

/** Who the person here is to others: as last time in this browser, or one of the names for guests. */
export function loadSelf({ name, guests }: { readonly name: string; readonly guests: readonly string[] }): PersonState {
  const known = name || readName();
  const guest = guests[Math.floor(Math.random() * guests.length)] ?? '';
  return { name: known || guest, colour: 0, cursor: null, isDrawing: false, view: '' };
}

/** Keeps a name for the next time. */
export function saveName(name: string): void {
  try {
    localStorage.setItem(STORED_AS, name);
  } catch {
    // A browser that keeps nothing has guests only.
  }
}

function readName(): string {
  try {
    return (localStorage.getItem(STORED_AS) ?? '').slice(0, MAX_NAME_LENGTH);
  } catch {
    return '';
  }
}
