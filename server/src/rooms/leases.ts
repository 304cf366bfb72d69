import type { Bucket, Entry } from '../broker/bucket.js';
import type { Logger } from '../logger.js';

/** What the rooms of one server see of those of the others. */
export interface RoomLeases {
  /** Whether there is another server, which can take rooms. */
  readonly hasOthers: boolean;
  /** Takes a room for this server, unless another has it; @returns that one */
  take(id: string): Promise<string | undefined>;
  release(id: string): Promise<void>;
  /** Sets the listener for rooms that another server has taken from this one. */
  onLost(listener: (id: string) => void): void;
  close(): Promise<void>;
}

export interface LeasesOptions {
  readonly bucket: Bucket;
  /** Names this server; new at every start. */
  readonly server: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

const BEAT_MS = 500;
/** Beats are counted rather than timed, because while this process hangs it hears nobody. */
const SILENT_BEATS = 4;
/** A server that was silent for this many beats is forgotten. */
const FORGOTTEN_BEATS = 120;
const TRIES = 3;

/** Another server, as far as it is heard of. */
interface Other {
  readonly revision: number;
  silentBeats: number;
}

/**
 * Which server has which room. A server beats; one that is silent for 2 s loses its rooms to the next one that wants them. A lease
 * changes hands by its revision, so that only one takes it. No clock is compared with another machine's.
 */
export class Leases implements RoomLeases {
  readonly #options: LeasesOptions;
  readonly #others = new Map<string, Other>();
  /** The rooms of this server, with the revisions of their leases. */
  readonly #held = new Map<string, number>();
  readonly #ends: (() => void)[] = [];
  #beatTimer: NodeJS.Timeout | undefined;
  #beats = 0;
  #onLost: (room: string) => void = () => undefined;
  #isBeating = false;
  #isConfirmed = false;
  #unconfirmedBeats = 0;

  private constructor(options: LeasesOptions) {
    this.#options = options;
  }

  static async open(options: LeasesOptions): Promise<Leases> {
    const leases = new Leases(options);
    const { bucket } = options;
    leases.#ends.push(await bucket.watch('server', (server, entry) => leases.#handleBeat(server, entry)));
    leases.#ends.push(await bucket.watch('room', (room, entry) => leases.#handleLease(room, entry)));
    leases.#beatTimer = setInterval(() => leases.#beat(), BEAT_MS);
    leases.#beat();
    return leases;
  }

  /** Names this server. */
  get server(): string {
    return this.#options.server;
  }

  /** Whether there is another server, which can take rooms. */
  get hasOthers(): boolean {
    return [...this.#others.keys()].some((server) => this.#isAlive(server));
  }

  /** Sets the listener for rooms that another server has taken, because this one was silent for too long. */
  onLost(listener: (room: string) => void): void {
    this.#onLost = listener;
  }

  /**
   * Takes a room for this server.
   *
   * @returns undefined when this server has it, or else the server that has it
   */
  async take(room: string): Promise<string | undefined> {
    if (this.#held.has(room)) return undefined;
    const { bucket, server } = this.#options;
    const key = `room.${room}`;
    let owner = '';
    for (let tries = 0; tries < TRIES; tries++) {
      const entry = await bucket.get(key);
      owner = entry ? textOf(entry) : '';
      if (owner !== server && (await this.#hasBeaten(owner))) return owner;
      const revision = await bucket.update(key, bytesOf(server), entry?.revision ?? 0);
      if (revision === undefined) continue;
      this.#held.set(room, revision);
      return undefined;
    }
    return owner;
  }

  /** Gives a room back. Its record must be safe. */
  async release(room: string): Promise<void> {
    const revision = this.#held.get(room);
    this.#held.delete(room);
    if (revision !== undefined) await this.#options.bucket.delete(`room.${room}`, revision);
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    const { bucket, server } = this.#options;
    clearInterval(this.#beatTimer);
    for (const end of this.#ends) end();
    const key = `server.${server}`;
    const entry = await bucket.get(key);
    // A server without a beat has no rooms.
    if (entry) await bucket.delete(key, entry.revision);
    await Promise.all([...this.#held.keys()].map((room) => this.release(room)));
  }

  #isAlive(server: string): boolean {
    const other = this.#others.get(server);
    return other !== undefined && other.silentBeats <= SILENT_BEATS;
  }

  /** Whether a server is alive. A watch breaks off with its server of NATS: before a lease is taken, the last beat itself counts. */
  async #hasBeaten(server: string): Promise<boolean> {
    if (server === '') return false;
    if (this.#isAlive(server)) return true;
    const entry = await this.#options.bucket.get(`server.${server}`);
    if (!entry || entry.revision === this.#others.get(server)?.revision) return false;
    this.#handleBeat(server, entry);
    return true;
  }

  // ── beats ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #beat(): void {
    this.#judge();
    this.#unconfirmedBeats += 1;
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#isConfirmed = false;
    const { bucket, server, log } = this.#options;
    bucket
      .put(`server.${server}`, bytesOf(String(++this.#beats)))
      .then(() => this.#handleConfirmed())
      .catch((error: unknown) =>
        log.warn({ err: error }, 'NATS does not take a sign of life: others may take the rooms'),
      )
      .finally(() => (this.#isBeating = false));
  }

  #handleConfirmed(): void {
    this.#isConfirmed = true;
    const wasSilent = this.#unconfirmedBeats > SILENT_BEATS;
    this.#unconfirmedBeats = 0;
    if (wasSilent) this.#lookAtHeld().catch((error: unknown) => this.#options.log.warn({ err: error }, 'leases'));
  }

  /** Others may have taken rooms while this server was silent, and the news of it may be lost. */
  async #lookAtHeld(): Promise<void> {
    for (const room of this.#held.keys()) this.#handleLease(room, await this.#options.bucket.get(`room.${room}`));
  }

  /** A server that does not get through itself hears nobody, and judges nobody. */
  #judge(): void {
    for (const [server, other] of this.#others) {
      other.silentBeats = this.#isConfirmed ? other.silentBeats + 1 : 0;
      if (other.silentBeats > FORGOTTEN_BEATS) this.#forget(server, other);
    }
  }

  #forget(server: string, { revision }: Other): void {
    this.#others.delete(server);
    this.#options.bucket.delete(`server.${server}`, revision).catch(() => undefined);
  }

  #handleBeat(server: string, entry: Entry | undefined): void {
    if (server === this.#options.server) return;
    if (entry) this.#others.set(server, { revision: entry.revision, silentBeats: 0 });
    else this.#others.delete(server);
  }

  #handleLease(room: string, entry: Entry | undefined): void {
    const held = this.#held.get(room);
    if (held === undefined || !entry || entry.revision <= held || textOf(entry) === this.#options.server) return;
    this.#held.delete(room);
    this.#options.log.warn({ room, to: textOf(entry) }, 'another server has taken a room');
    this.#onLost(room);
  }
}

function textOf({ value }: Entry): string {
  return Buffer.from(value).toString();
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
