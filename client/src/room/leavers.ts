/** Most people who are remembered. */
const MAX_LEAVERS = 50;

interface Leaver {
  readonly author: number;
  readonly isSelf: boolean;
}

/** The people who left a room while this person was in it. */
export class Leavers<Person extends Leaver> {
  readonly #people = new Map<number, Person>();

  /** The latest last. */
  get people(): readonly Person[] {
    return [...this.#people.values()];
  }

  add(people: readonly Person[]): void {
    for (const person of people) if (!person.isSelf) this.#people.set(person.author, person);
    for (const oldest of this.#people.keys()) {
      if (this.#people.size <= MAX_LEAVERS) break;
      this.#people.delete(oldest);
    }
  }

  /** These are here (again). */
  delete(authors: readonly number[]): void {
    for (const author of authors) this.#people.delete(author);
  }
}
