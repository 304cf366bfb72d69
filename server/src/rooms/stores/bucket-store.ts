import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Bucket, Entry } from '../../broker/bucket.js';
import type { Logger } from '../../logger.js';
import { decodeRoomFile, encodeRoomFile } from './room-file.js';
import { isUntouched, ttlOf, type RoomRecord, type RoomStore } from './room-store.js';
import { RoomWriter, type RetryTimes } from './room-writer.js';

export interface BucketStoreOptions {
  readonly bucket: Bucket;
  readonly ttlMs: number;
  readonly log: Logger;
  readonly retryMs?: RetryTimes;
}

const HeadSchema = v.object({
  /** The parts of one record have one name. */
  generation: v.string(),
  parts: v.number(),
  isUntouched: v.boolean(),
});

type Head = v.InferOutput<typeof HeadSchema>;

interface Kept {
  readonly head: Head;
  readonly revision: number;
  readonly writtenMs: number;
}

const SWEEP_EVERY_MS = 3_600_000;
/** Parts without a head are no longer being written after this time. */
const ORPHAN_MS = 3_600_000;

/**
 * Keeps rooms in a bucket of the broker, where every server finds them. A record is cut into parts, and a head names them, so
 * that a record is replaced as a whole. A head is written only if nobody else has written it since it was read.
 */
export class BucketStore implements RoomStore {
  readonly isDurable = true;
  readonly #options: BucketStoreOptions;
  /** All rooms, as far as this server has heard. */
  readonly #kept = new Map<string, Kept>();
  /** Heads that this server has read or written; it may replace them. */
  readonly #own = new Map<string, Kept>();
  readonly #writer: RoomWriter;
  #endWatch: () => void = () => undefined;
  #sweptMs = Date.now();

  private constructor(options: BucketStoreOptions) {
    const { log, retryMs } = options;
    this.#options = options;
    this.#writer = new RoomWriter({ write: (id, record) => this.#write(id, record), log, retryMs });
  }

  static async open(options: BucketStoreOptions): Promise<BucketStore> {
    const store = new BucketStore(options);
    store.#endWatch = await options.bucket.watch('head', (id, entry) => store.#handleHead(id, entry));
    return store;
  }

  get size(): number {
    return this.#kept.size;
  }

  get unsafe(): ReadonlySet<string> {
    return this.#writer.unsafe;
  }

  has(id: string): boolean {
    return this.#kept.has(id) || this.#writer.pending(id) !== undefined;
  }

  async lookFor(id: string): Promise<void> {
    this.#handleHead(id, await this.#options.bucket.get(headOf(id)));
  }

  async load(id: string): Promise<RoomRecord | 'unreadable' | undefined> {
    const pending = this.#writer.pending(id);
    if (pending) return pending;
    try {
      return await this.#read(id);
    } catch (error) {
      this.#options.log.error({ err: error, room: id }, 'a room could not be read');
      return 'unreadable';
    }
  }

  touch(id: string): boolean {
    const own = this.#own.get(id);
    if (own) void this.#writeHead(id, own.head).catch(() => undefined);
    return this.has(id);
  }

  save(id: string, record: RoomRecord): void {
    this.#writer.save(id, record);
  }

  setAside(id: string, reason: string): void {
    const { bucket, log } = this.#options;
    const own = this.#own.get(id);
    this.#writer.discard(id);
    this.#kept.delete(id);
    this.#own.delete(id);
    log.warn({ key: asideOf(id), reason }, 'the record of a room was set aside');
    if (!own) return;
    const aside = bucket.put(asideOf(id), encodeHead(own.head)).then(() => bucket.delete(headOf(id), own.revision));
    aside.catch((error: unknown) => log.error({ err: error, room: id }, 'the record could not be set aside'));
  }

  forgetOld(): void {
    const nowMs = Date.now();
    for (const [id, { head, revision, writtenMs }] of this.#kept) {
      if (nowMs - writtenMs < ttlOf(head.isUntouched, this.#options.ttlMs) || this.#writer.pending(id)) continue;
      this.#forget(id, revision).catch((error: unknown) => {
        this.#options.log.error({ err: error, room: id }, 'an old room could not be deleted');
      });
    }
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    this.#sweep(nowMs - ORPHAN_MS).catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'parts of rooms without a head could not be deleted');
    });
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#endWatch();
  }

  // ── read ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #handleHead(id: string, entry: Entry | undefined): void {
    const kept = entry && keptOf(entry);
    if (kept) this.#kept.set(id, kept);
    else this.#kept.delete(id);
  }

  async #read(id: string): Promise<RoomRecord | undefined> {
    const { bucket } = this.#options;
    const entry = await bucket.get(headOf(id));
    const kept = entry && keptOf(entry);
    if (!kept) return undefined;
    this.#own.set(id, kept);
    const { generation, parts } = kept.head;
    const entries = await Promise.all(
      Array.from({ length: parts }, (_, i) => bucket.get(`${partsOf(id, generation)}.${i}`)),
    );
    try {
      return decodeRoomFile(Buffer.concat(entries.map((part) => part?.value ?? new Uint8Array())));
    } catch (error) {
      this.setAside(id, (error as Error).message);
      return undefined;
    }
  }

  // ── write ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #write(id: string, record: RoomRecord): Promise<void> {
    const { bucket } = this.#options;
    const bytes = encodeRoomFile(record);
    const generation = randomUUID();
    const parts = Math.ceil(bytes.length / bucket.maxValue);
    if (!this.#own.has(id)) await this.#adopt(id);
    for (let i = 0; i < parts; i++) {
      const part = bytes.subarray(i * bucket.maxValue, (i + 1) * bucket.maxValue);
      await bucket.put(`${partsOf(id, generation)}.${i}`, part);
    }
    const before = this.#own.get(id);
    const isOurs = await this.#writeHead(id, { generation, parts, isUntouched: isUntouched(record) });
    // Another server has the room now. The clients bring the strokes that were drawn here.
    if (!isOurs) await bucket.purge(partsOf(id, generation));
    else if (before) await bucket.purge(partsOf(id, before.head.generation));
  }

  /** Another server may have made the same room at the same moment, with nothing in it. */
  async #adopt(id: string): Promise<void> {
    const entry = await this.#options.bucket.get(headOf(id));
    const kept = entry && keptOf(entry);
    if (kept?.head.isUntouched) this.#own.set(id, kept);
  }

  /** @returns whether nobody else has written it since it was read */
  async #writeHead(id: string, head: Head): Promise<boolean> {
    const { bucket, log } = this.#options;
    const revision = await bucket.update(headOf(id), encodeHead(head), this.#own.get(id)?.revision ?? 0);
    if (revision === undefined) {
      log.warn({ room: id }, 'a room was not saved: another server has it');
      return false;
    }
    const kept = { head, revision, writtenMs: Date.now() };
    this.#own.set(id, kept);
    this.#kept.set(id, kept);
    return true;
  }

  async #forget(id: string, revision: number): Promise<void> {
    const { bucket } = this.#options;
    if (!(await bucket.delete(headOf(id), revision))) return;
    this.#kept.delete(id);
    this.#own.delete(id);
    await bucket.purge(`part.${id}`);
  }

  /** Deletes the parts of records whose server died before it wrote the head. */
  async #sweep(beforeMs: number): Promise<void> {
    const { bucket } = this.#options;
    const old = (await bucket.list('part')).filter(({ writtenMs }) => writtenMs < beforeMs);
    const records = new Map(old.map(({ key }) => [key.slice(0, key.lastIndexOf('.')), key.split('.')]));
    for (const [prefix, [, id, generation]] of records) {
      const heads = await Promise.all([bucket.get(headOf(id!)), bucket.get(asideOf(id!))]);
      if (heads.every((entry) => !entry || keptOf(entry)?.head.generation !== generation)) await bucket.purge(prefix);
    }
  }
}

function headOf(id: string): string {
  return `head.${id}`;
}

/** Where a person finds the head of a broken record. */
function asideOf(id: string): string {
  return `broken.${id}`;
}

function partsOf(id: string, generation: string): string {
  return `part.${id}.${generation}`;
}

function encodeHead(head: Head): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(head));
}

/** @returns undefined for bytes that are not a head */
function keptOf({ value, revision, writtenMs }: Entry): Kept | undefined {
  try {
    return { head: v.parse(HeadSchema, JSON.parse(Buffer.from(value).toString())), revision, writtenMs };
  } catch {
    return undefined;
  }
}
