import type { RenderedImage } from '../inference/executor.js';

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
  has(id: string): boolean;
  /** What was saved last; undefined when there is none, or none that can be read. */
  load(id: string): RoomRecord | undefined;
  /** Counts the time of a room anew; false when it is not there any more. */
  touch(id: string): boolean;
  /** Saves a room. It can be loaded from now on, though it may not be safe yet. */
  save(id: string, record: RoomRecord): void;
  /** Resolves when everything that was saved so far is safe. */
  flush(): Promise<void>;
  /** Resolves when everything that was saved is safe, and forgets what only memory holds. */
  close(): Promise<void>;
}
