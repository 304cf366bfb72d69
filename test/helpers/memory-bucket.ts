import type { Bucket, Entry, KeyAndTime } from '../../server/src/broker/bucket.js';

type Listener = (name: string, entry: Entry | undefined) => void;

/** A bucket within a test. Every server of the test sees it through its own view, which can be cut off. */
export class MemoryBucket {
  readonly #entries = new Map<string, Entry>();
  readonly #watches = new Set<{ readonly prefix: string; readonly listener: Listener; readonly view: BucketView }>();
  #revision = 0;

  view(): BucketView {
    return new BucketView(this);
  }

  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  read(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  write(key: string, value: Uint8Array | undefined): number {
    const entry = value && { value: value.slice(), revision: ++this.#revision, writtenMs: Date.now() };
    if (entry) this.#entries.set(key, entry);
    else this.#entries.delete(key);
    for (const { prefix, listener, view } of this.#watches) {
      if (key.startsWith(`${prefix}.`) && !view.isCut && !view.isDeaf) listener(key.slice(prefix.length + 1), entry);
    }
    return this.#revision;
  }

  purge(prefix: string): void {
    for (const key of this.keys) if (key.startsWith(`${prefix}.`)) this.#entries.delete(key);
  }

  watch(prefix: string, listener: Listener, view: BucketView): () => void {
    const watch = { prefix, listener, view };
    this.#watches.add(watch);
    for (const [key, entry] of this.#entries) {
      if (key.startsWith(`${prefix}.`)) listener(key.slice(prefix.length + 1), entry);
    }
    return () => void this.#watches.delete(watch);
  }
}

/** A server's view of a bucket. */
export class BucketView implements Bucket {
  readonly maxValue = 1_000;
  /** Whether the server is cut off: nothing gets through. */
  isCut = false;
  /** Whether its watches have broken off. */
  isDeaf = false;
  readonly #bucket: MemoryBucket;

  constructor(bucket: MemoryBucket) {
    this.#bucket = bucket;
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#check();
    return this.#bucket.read(key);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#check();
    this.#bucket.write(key, value);
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
    this.#check();
    return this.#has(key, revision) ? this.#bucket.write(key, value) : undefined;
  }

  async delete(key: string, revision: number): Promise<boolean> {
    this.#check();
    if (!this.#has(key, revision)) return false;
    this.#bucket.write(key, undefined);
    return true;
  }

  async purge(prefix: string): Promise<void> {
    this.#check();
    this.#bucket.purge(prefix);
  }

  async list(prefix: string): Promise<KeyAndTime[]> {
    this.#check();
    const keys = this.#bucket.keys.filter((key) => key.startsWith(`${prefix}.`));
    return keys.map((key) => ({ key, writtenMs: this.#bucket.read(key)!.writtenMs }));
  }

  async watch(prefix: string, listener: Listener): Promise<() => void> {
    return this.#bucket.watch(prefix, listener, this);
  }

  #has(key: string, revision: number): boolean {
    return (this.#bucket.read(key)?.revision ?? 0) === revision;
  }

  #check(): void {
    if (this.isCut) throw new Error('timeout');
  }
}
