import type { RenderedImage } from '../../inference/contract.js';

/** A room as it is kept while nobody is in it. */
export interface RoomRecord {
  /** State of the document of the drawing, as Yjs has it. */
  readonly doc: Uint8Array;
  readonly params: object;
  readonly isLocked: boolean;
  /** The last picture. */
  readonly image: SavedImage | undefined;
}

export type SavedImage = Pick<RenderedImage, 'data' | 'width' | 'height' | 'step' | 'steps' | 'flagged'>;

/** Where rooms are kept. Their ids are those of `RoomAddress`. */
export interface RoomStore {
  /** Whether rooms that somebody is in should be saved now and then too. */
  readonly isDurable: boolean;
  /** Rooms that are kept. */
  readonly size: number;
  /** Rooms whose last save has failed so far. */
  readonly unsafe: ReadonlySet<string>;
  has(id: string): boolean;
  /** What was saved last; undefined if there is none, or it is broken; `unreadable` if it may be readable later. */
  load(id: string): RoomRecord | 'unreadable' | undefined;
  /** Restarts the time of a room; false if it is gone. */
  touch(id: string): boolean;
  /**
   * Saves a room. It can be loaded from now on, though it may not be safe yet.
   *
   * @param by the address that made the room, if it is new
   */
  save(id: string, record: RoomRecord, by?: string): void;
  /** A record was loaded and cannot be used: keeps it out of the way, for a person to look at. */
  setAside(id: string, reason: string): void;
  /** Resolves when everything that was saved so far is safe, or its writing has failed. */
  flush(): Promise<void>;
  /** Resolves when everything that was saved is safe, or cannot be made so, and forgets what only memory holds. */
  close(): Promise<void>;
}

/** A room in which nobody ever drew is kept no longer than this. */
const UNTOUCHED_TTL_MS = 3_600_000;
const EMPTY_DOC_BYTES = 2;

/** Whether nobody ever drew in a room. */
export function isUntouched({ doc, image }: Pick<RoomRecord, 'doc' | 'image'>): boolean {
  return doc.length <= EMPTY_DOC_BYTES && image === undefined;
}

/** How long a room is kept, where others are kept for `ttlMs`. */
export function ttlOf(isUntouched: boolean, ttlMs: number): number {
  return isUntouched ? Math.min(ttlMs, UNTOUCHED_TTL_MS) : ttlMs;
}
