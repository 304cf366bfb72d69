import { MAX_NAME_LENGTH, type PersonState } from './presence.js';

const STORED_AS = 'underpaint-person';

/** This person's first state: with the name used last in this browser, or else one of the names for guests. */
export function loadSelf({ name, guests }: { readonly name: string; readonly guests: readonly string[] }): PersonState {
  const known = name || readName();
  const guest = guests[Math.floor(Math.random() * guests.length)] ?? '';
  return { name: known || guest, colour: 0, cursor: null, isDrawing: false, move: null, view: '' };
}

const PASS_BYTES = 16;

/**
 * This browser's secret for a room: with it the person comes back after the owner has closed the room. Without storage it
 * holds until the page is closed.
 */
export function passFor(roomKey: string): string {
  const storedAs = `underpaint-pass:${roomKey}`;
  try {
    const known = localStorage.getItem(storedAs);
    if (known !== null) return known;
    const pass = newPass();
    localStorage.setItem(storedAs, pass);
    return pass;
  } catch {
    return newPass();
  }
}

function newPass(): string {
  return crypto.getRandomValues(new Uint8Array(PASS_BYTES)).toString();
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
