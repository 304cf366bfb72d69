import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeRoomFile } from './room-file.js';
import { isUntouched } from './room-store.js';

/** A room file that was there at the start. */
export interface FoundRoom {
  readonly id: string;
  readonly mtimeMs: number;
  readonly isUntouched: boolean;
}

const FILE = /^([\w-]{22})\.room$/;
/** The file of an untouched room is smaller. */
const SMALL_BYTES = 16_384;
const PROBE_BYTES = 65_536;

export function roomPath(dir: string, id: string): string {
  return join(dir, `${id}.room`);
}

/**
 * Finds the rooms in a folder, after checking that files can be written there: the user hears of a full or read-only disk
 * at the start. Deletes files that a crash left half written.
 *
 * @throws Error if the folder cannot be read and written
 */
export function scanFolder(dir: string): FoundRoom[] {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  probe(join(dir, '.probe'));
  return readdirSync(dir).flatMap((name) => {
    // The room's own file is whole.
    if (name.endsWith('.room.tmp')) rmSync(join(dir, name));
    const id = FILE.exec(name)?.[1];
    return id ? [inspect(dir, id)] : [];
  });
}

function inspect(dir: string, id: string): FoundRoom {
  const path = roomPath(dir, id);
  const { mtimeMs, size } = statSync(path);
  return { id, mtimeMs, isUntouched: size < SMALL_BYTES && readsUntouched(path) };
}

function probe(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, new Uint8Array(PROBE_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

function readsUntouched(path: string): boolean {
  try {
    return isUntouched(decodeRoomFile(readFileSync(path)));
  } catch {
    return false;
  }
}
