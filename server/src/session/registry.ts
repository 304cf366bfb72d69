import { randomBytes } from 'node:crypto';
import { CLOSE } from '@underpaint/shared';
import { LRUCache } from 'lru-cache';
import type { Canvas } from '../canvas/canvas.js';

/** The part of a session that outlives its connection. */
export interface SessionMemory {
  readonly session: string;
  /** The secret for resuming with this memory. */
  readonly resume: string;
  lastSeq: number;
  /** Of a session that another server had: the parameters of its canvas, as that server knew them. */
  readonly params?: object | undefined;
  /** The canvas of a session without a room. */
  canvas: Canvas | undefined;
}

/** The memories of other servers, where clients may resume their sessions on any of them. */
export interface SharedMemories {
  /** Sets the listener for sessions that another server has taken. */
  onTaken(listener: (session: string) => void): void;
  /** Keeps the records of these memories up to date from now on. */
  follow(memories: () => Iterable<SessionMemory>): void;
  /** The memory that another server has, or had; undefined if there is none, or it cannot be read soon. Never rejects. */
  load(resume: string): Promise<SessionMemory | undefined>;
  /** Says that the session is on this server now. */
  take(memory: SessionMemory): void;
  save(memory: SessionMemory): void;
  /** Resolves when everything is written, or cannot be. */
  close(): Promise<void>;
}

export interface SessionRegistryOptions {
  /** How long a memory is kept after its connection ended. */
  readonly resumeTtlMs: number;
  /** Limit of parked memories; beyond it the oldest memory of the address with the most is forgotten. */
  readonly maxParked: number;
  readonly shared?: SharedMemories | undefined;
}

interface Parked {
  readonly memory: SessionMemory;
  readonly address: string;
}

/** A session as the registry sees it. */
interface Holder {
  close(code: number, reason: string): void;
}

/** The live sessions, and the parked memories of sessions that ended a short while ago. */
export class SessionRegistry<S extends Holder> {
  readonly #live = new Map<S, SessionMemory>();
  readonly #holders = new Map<string, S>();
  readonly #parked: LRUCache<string, Parked>;
  /** Secrets of the parked memories by address, the oldest first. */
  readonly #parkedOf = new Map<string, Set<string>>();
  readonly #maxParked: number;
  readonly #shared: SharedMemories | undefined;
  /** The secret that is being taken over; its memory is parked even if it is blank. */
  #taken: string | undefined;

  constructor({ maxParked, resumeTtlMs, shared }: SessionRegistryOptions) {
    this.#maxParked = maxParked;
    this.#shared = shared;
    const dispose = ({ address }: Parked, resume: string) => this.#handleUnparked(address, resume);
    this.#parked = new LRUCache({ max: maxParked, ttl: resumeTtlMs, ttlAutopurge: true, dispose });
    shared?.onTaken((session) => this.#forget(session));
    shared?.follow(() => [...this.#live.values()].filter(wasUsed));
  }

  /** Takes the memory that `resume` names over from another server, if one has it. */
  async recall(resume: string | undefined, address: string): Promise<void> {
    const memory = resume === undefined ? undefined : await this.#shared?.load(resume);
    if (!memory) return;
    this.#forget(memory.session);
    this.#keep(memory, address);
    this.#shared!.take(memory);
  }

  /** A session is on another server now: what this one knows of it is old. */
  #forget(session: string): void {
    for (const [holder, memory] of this.#live) {
      if (memory.session !== session) continue;
      this.#live.delete(holder);
      this.#holders.delete(memory.resume);
      holder.close(CLOSE.replaced, 'resumed on another server');
    }
    for (const [resume, { memory }] of this.#parked) if (memory.session === session) this.#parked.delete(resume);
  }

  /**
   * Frees the memory that `resume` names, so that it can be opened. A session that still holds it is closed: the client
   * has returned before the server noticed that its old connection is dead.
   *
   * @returns whether there is such a memory
   */
  takeOver(resume: string | undefined): boolean {
    if (resume === undefined) return false;
    this.#taken = resume;
    this.#holders.get(resume)?.close(CLOSE.replaced, 'resumed on another connection');
    this.#taken = undefined;
    return this.#parked.has(resume);
  }

  get size(): number {
    return this.#live.size;
  }

  [Symbol.iterator](): IterableIterator<S> {
    return this.#live.keys();
  }

  /**
   * Makes a session live, with the memory that `resume` names, or a new one if there is none (any more). It takes the
   * memory over once more: another session may have resumed with it while this one was in line or its room was loading.
   */
  open(session: S, resume: string | undefined): SessionMemory {
    this.takeOver(resume);
    const memory = (resume !== undefined && this.#parked.get(resume)?.memory) || this.#create();
    this.#parked.delete(memory.resume);
    this.#live.set(session, memory);
    this.#holders.set(memory.resume, session);
    return memory;
  }

  /**
   * Keeps the memory of a session that ended, for a while, if it drew or chose parameters: otherwise there is nothing
   * to resume. The memories of an address push out those of others only while it has no more of them than they have.
   */
  park(session: S, memory: SessionMemory, address: string): void {
    // Another server may have it.
    if (!this.#live.delete(session)) return;
    this.#holders.delete(memory.resume);
    if (!wasUsed(memory) && memory.resume !== this.#taken) return;
    this.#keep(memory, address);
    this.#shared?.save(memory);
  }

  #keep(memory: SessionMemory, address: string): void {
    if (this.#parked.size >= this.#maxParked) this.#parked.delete(this.#oldestOfMost());
    this.#parked.set(memory.resume, { memory, address });
    const same = this.#parkedOf.get(address);
    if (same) same.add(memory.resume);
    else this.#parkedOf.set(address, new Set([memory.resume]));
  }

  #oldestOfMost(): string {
    let most = new Set<string>();
    for (const one of this.#parkedOf.values()) if (one.size > most.size) most = one;
    const [oldest] = most;
    return oldest!;
  }

  #handleUnparked(address: string, resume: string): void {
    const same = this.#parkedOf.get(address);
    same?.delete(resume);
    if (same?.size === 0) this.#parkedOf.delete(address);
  }

  /** Forgets all parked memories. */
  clear(): void {
    this.#parked.clear();
  }

  /** Resolves when other servers can have the memories. Call it when no session is live. */
  async close(): Promise<void> {
    this.clear();
    await this.#shared?.close();
  }

  #create(): SessionMemory {
    return {
      session: randomBytes(8).toString('hex'),
      resume: randomBytes(24).toString('base64url'),
      lastSeq: 0,
      canvas: undefined,
    };
  }
}

function wasUsed({ lastSeq, canvas, params }: SessionMemory): boolean {
  return lastSeq > 0 || (canvas?.version ?? 0) > 0 || params !== undefined;
}
