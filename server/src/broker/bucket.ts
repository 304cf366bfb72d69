/** A value that a bucket keeps. */
export interface Entry {
  readonly value: Uint8Array;
  /** Rises with every change in the bucket. */
  readonly revision: number;
  /** When it was written, by the broker's clock, ms. */
  readonly writtenMs: number;
}

/** A key, and when it was written, by the broker's clock, ms. */
export interface KeyAndTime {
  readonly key: string;
  readonly writtenMs: number;
}

/** Keys and values that a broker keeps. All methods reject when the broker does not confirm in time. */
export interface Bucket {
  /** Bytes of a value at most. */
  readonly maxValue: number;
  get(key: string): Promise<Entry | undefined>;
  put(key: string, value: Uint8Array): Promise<void>;
  /**
   * Writes a value if its key still has this revision; 0 means that there is none.
   *
   * @returns the new revision; undefined if somebody else has changed it
   */
  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined>;
  /** Deletes a key if it still has this revision. Watchers hear of it. */
  delete(key: string, revision: number): Promise<boolean>;
  /** Removes all keys below a prefix, without a trace. Watchers do not hear of it. */
  purge(prefix: string): Promise<void>;
  /** All keys below a prefix. */
  list(prefix: string): Promise<KeyAndTime[]>;
  /**
   * Calls the listener with all keys one level below a prefix, and then with every change; undefined for a deleted one.
   *
   * News may come late, and after a server of the broker has died not at all: read what a decision depends on.
   *
   * @returns what ends it, when those that exist were delivered, or do not come soon
   */
  watch(prefix: string, listener: (name: string, entry: Entry | undefined) => void): Promise<() => void>;
}
