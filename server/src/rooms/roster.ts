import type { MemberSummary, ServerMessage } from '@underpaint/shared';
import type { Member } from './member.js';

/** A message may hold some thousands of values. */
const MEMBERS_PER_MESSAGE = 500;

/** The members of a room, in the order in which they are asked for a frame. */
export class Roster {
  readonly #members = new Map<number, Member>();

  get size(): number {
    return this.#members.size;
  }

  /** Members may leave while this goes on. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members.values();
  }

  get(number: number): Member | undefined {
    return this.#members.get(number);
  }

  byAuthor(author: number): Member | undefined {
    return [...this].find((member) => member.author === author);
  }

  add(member: Member): void {
    this.#members.set(member.number, member);
  }

  delete({ number }: Member): boolean {
    return this.#members.delete(number);
  }

  /** The next member that fits; it is asked last from then on. */
  next(fits: (member: Member) => boolean): Member | undefined {
    const member = [...this].find(fits);
    if (member) {
      this.delete(member);
      this.add(member);
    }
    return member;
  }

  tell(message: ServerMessage): void {
    for (const { channel } of this) channel.send(message);
  }

  /** Tells one member who is here. */
  introduce({ channel }: Member): void {
    const here = [...this].map(summaryOf);
    for (let from = 0; from < here.length; from += MEMBERS_PER_MESSAGE) {
      const members = here.slice(from, from + MEMBERS_PER_MESSAGE);
      channel.send({ type: 'member', event: 'here', members });
    }
  }
}

export function summaryOf({ number, author, role }: Member): MemberSummary {
  return { member: number, author, role };
}
