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
  /** The canvas of a session without a room. */
  canvas: Canvas | undefined;
}

export interface SessionRegistryOptions {
  /** How long a memory is kept after its connection ended. */
  readonly resumeTtlMs: number;
  /** Limit of parked memories; beyond it the oldest memory of the address with the most is forgotten. */
  readonly maxParked: number;
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
  readonly #live = new Map<S, string>();
  readonly #holders = new Map<string, S>();
  readonly #parked: LRUCache<string, Parked>;
  /** Secrets of the parked memories by address, the oldest first. */
  readonly #parkedOf = new Map<string, Set<string>>();
  readonly #maxParked: number;
  /** The secret that is being taken over; its memory is parked even if it is blank. */
  #taken: string | undefined;

  constructor({ maxParked, resumeTtlMs }: SessionRegistryOptions) {
    this.#maxParked = maxParked;
    const dispose = ({ address }: Parked, resume: string) => this.#handleUnparked(address, resume);
    this.#parked = new LRUCache({ max: maxParked, ttl: resumeTtlMs, ttlAutopurge: true, dispose });
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
    this.#live.set(session, memory.resume);
    this.#holders.set(memory.resume, session);
    return memory;
  }

  /**
   * Keeps the memory of a session that ended, for a while, if it drew or chose parameters: otherwise there is nothing
   * to resume. The memories of an address push out those of others only while it has no more of them than they have.
   */
  park(session: S, memory: SessionMemory, address: string): void {
    this.#live.delete(session);
    this.#holders.delete(memory.resume);
    const wasUsed = memory.lastSeq > 0 || (memory.canvas?.version ?? 0) > 0;
    if (!wasUsed && memory.resume !== this.#taken) return;
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

  #create(): SessionMemory {
    return {
      session: randomBytes(8).toString('hex'),
      resume: randomBytes(24).toString('base64url'),
      lastSeq: 0,
      canvas: undefined,
    };
  }
}
