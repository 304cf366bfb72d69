import { createHash } from 'node:crypto';
import type { Role } from '@underpaint/shared';

/** Passes that are remembered; far more than there are people in a room. */
const MAX_GUESTS = 1_000;

/**
 * Whether new people may enter a room. A key says nothing about who uses it, so removing a person closes the room to
 * everybody new. Owners may always enter, and so may the guests: those who were in the room when it was closed.
 */
export class Door {
  /** Their passes, as `passOf` gives them; null while the room is open. */
  #guests: Set<string> | null;

  /** @param guests of a saved room that was closed */
  constructor(guests: readonly string[] | undefined) {
    this.#guests = guests ? new Set(guests) : null;
  }

  get isClosed(): boolean {
    return this.#guests !== null;
  }

  /** Undefined while the room is open. */
  get guests(): readonly string[] | undefined {
    return this.#guests ? [...this.#guests] : undefined;
  }

  lets(role: Role, pass: string | undefined): boolean {
    return role === 'owner' || this.#guests === null || (pass !== undefined && this.#guests.has(pass));
  }

  /** Has no effect on a room that is closed. @param present the passes of everybody in the room */
  close(present: Iterable<string>): void {
    this.#guests ??= new Set([...present].slice(0, MAX_GUESTS));
  }

  open(): void {
    this.#guests = null;
  }

  /** Turns a guest away from now on. */
  forget(pass: string): void {
    this.#guests?.delete(pass);
  }
}

/** What the server remembers of a client's pass, so that nobody learns one from its files. */
export function passOf(secret: string | undefined): string | undefined {
  return secret === undefined ? undefined : createHash('sha256').update(secret).digest('base64url');
}
