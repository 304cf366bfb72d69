import { MAX_NAME_LENGTH, type PersonState } from './presence.js';

const STORED_AS = 'underpaint-person';

/** This person's first state: with the name used last in this browser, or else one of the names for guests. */
export function loadSelf({ name, guests }: { readonly name: string; readonly guests: readonly string[] }): PersonState {
  const known = name || readName();
  const guest = guests[Math.floor(Math.random() * guests.length)] ?? '';
  return { name: known || guest, colour: 0, cursor: null, isDrawing: false, move: null, view: '' };
}

/** Stores a name for the next visit. */
export function saveName(name: string): void {
  try {
    localStorage.setItem(STORED_AS, name);
  } catch {
    // The browser keeps no data: the person is a guest again next time.
  }
}

function readName(): string {
  try {
    return (localStorage.getItem(STORED_AS) ?? '').slice(0, MAX_NAME_LENGTH);
  } catch {
    return '';
  }
}
