import type { Role, RoleRequestMessage } from '@underpaint/shared';

/** The part of a member that the rules read. */
interface Person {
  readonly number: number;
  readonly role: Role;
}

/** The rights in a room: the lock, and the presenter. */
export class Floor {
  #isLocked: boolean;
  #presenter: number | null = null;

  constructor(isLocked: boolean) {
    this.#isLocked = isLocked;
  }

  /** Whether only the owner may draw. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  /** The number of the member whose camera is shown; null for nobody. */
  get presenter(): number | null {
    return this.#presenter;
  }

  mayDraw(role: Role): boolean {
    return role === 'owner' || (role === 'editor' && !this.#isLocked);
  }

  /**
   * Checks a request to lock or close the room, to remove a member, or to change who presents.
   *
   * @param find finds a member by number
   * @returns why it is refused; undefined if it is not
   */
  refusal(
    { number, role }: Person,
    { locked, closed, remove, presenter }: RoleRequestMessage,
    find: (number: number) => Person | undefined,
  ): string | undefined {
    if (locked !== undefined && role !== 'owner') return 'only the owner may lock the room';
    if (closed !== undefined && role !== 'owner') return 'only the owner may close the room or open it';
    if (remove !== undefined && role !== 'owner') return 'only the owner may remove somebody';
    if (remove !== undefined && find(remove)?.role === 'owner') return 'an owner cannot be removed';
    if (presenter === undefined) return undefined;
    const isTaken = this.#presenter !== null && this.#presenter !== number;
    if (isTaken && role !== 'owner') return 'somebody else is presenting; only the owner may change that';
    if (presenter === null) return undefined;
    if (!this.mayDraw(role)) return 'you may not draw here, so you may not choose who presents';
    const next = find(presenter);
    return next && this.mayDraw(next.role) ? undefined : `member ${presenter} is not here or may not draw`;
  }

  /** Applies a request. A presenter who may not draw any more loses the place. */
  change(
    { locked = this.#isLocked, presenter = this.#presenter }: Pick<RoleRequestMessage, 'locked' | 'presenter'>,
    find: (number: number) => Person | undefined,
  ): void {
    this.#isLocked = locked;
    const next = presenter === null ? undefined : find(presenter);
    this.#presenter = next && this.mayDraw(next.role) ? next.number : null;
  }
}
