import type { Role } from '@underpaint/shared';
import { isAbove } from './roles.js';

/** Numbers that are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED = 1_000;

/** Remembers under which author numbers editors and owners were in a room, so that nobody below them takes one over. */
export class AuthorNumbers {
  readonly #roles = new Map<number, Role>();

  remember(author: number, role: Role): void {
    if (role === 'viewer') return;
    this.#roles.delete(author);
    this.#roles.set(author, role);
    for (const oldest of this.#roles.keys()) {
      if (this.#roles.size <= MAX_REMEMBERED) break;
      this.#roles.delete(oldest);
    }
  }

  /** Whether somebody of a higher role had this number, even if they are away now. */
  isReserved(author: number, role: Role): boolean {
    return isAbove(this.#roles.get(author) ?? 'viewer', role);
  }
}
