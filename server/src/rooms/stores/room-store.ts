import type { RenderedImage } from '../../inference/contract.js';

/** A room as it is kept while nobody is in it. */
export interface RoomRecord {
  /** The drawing, as a state of a Yjs document. */
  readonly drawing: Uint8Array;
  readonly params: object;
  readonly isLocked: boolean;
  /** The people who may enter although the room is closed, as `Door` knows them; undefined if it is open. */
  readonly guests?: readonly string[] | undefined;
  /** The last image. */
  readonly image: SavedImage | undefined;
}

export type SavedImage = Pick<RenderedImage, 'data' | 'width' | 'height' | 'step' | 'steps' | 'flagged'>;

/** Keeps rooms by the ids of `RoomAddress`. */
export interface RoomStore {
  /** Whether rooms that somebody is in should be saved now and then too. */
  readonly isDurable: boolean;
  readonly size: number;
  /** Rooms whose last save has failed so far. */
  readonly unsafe: ReadonlySet<string>;
  has(id: string): boolean;
  /** Finds out whether another server has made a room a moment ago; then the store has it. */
  lookFor?(id: string): Promise<void>;
  /**
   * Loads the record that was saved last.
   *
   * @returns undefined if there is none, or it is broken; `unreadable` if it may be readable later
   */
  load(id: string): Promise<RoomRecord | 'unreadable' | undefined>;
  /** Marks a room as used now; false if it is gone. */
  touch(id: string): boolean;
  /**
   * Saves a room. It can be loaded from now on, though it may not be safe yet.
   *
   * @param by the address that created the room, if it is new
   */
  save(id: string, record: RoomRecord, by?: string): void;
  /** Removes a record that was loaded and is of no use. A person may still look at it. */
  setAside(id: string, reason: string): void;
  /** Forgets rooms whose time is over. Called now and then. */
  forgetOld(): void;
  /** Resolves when everything saved so far is safe, or writing it has failed. */
  flush(): Promise<void>;
  /** Resolves when everything saved is safe, or cannot be made safe. Forgets what only memory holds. */
  close(): Promise<void>;
}

/** A room without a drawing is kept at most this long. */
const UNTOUCHED_TTL_MS = 3_600_000;
const EMPTY_DRAWING_BYTES = 2;

/** Whether nobody ever drew in a room. */
export function isUntouched({ drawing, image }: Pick<RoomRecord, 'drawing' | 'image'>): boolean {
  return drawing.length <= EMPTY_DRAWING_BYTES && image === undefined;
}

/** How long a room is kept on a server that keeps others for `ttlMs`. */
export function ttlOf(isUntouched: boolean, ttlMs: number): number {
  return isUntouched ? Math.min(ttlMs, UNTOUCHED_TTL_MS) : ttlMs;
}
