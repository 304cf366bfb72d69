import type * as Y from 'yjs';

/**
 * The author of each mark of a shared list. Yjs names the author of every item, and a mark that somebody else moves becomes an
 * item of theirs: the first author that was seen here counts.
 */
export class MarkAuthors {
  readonly #list: Y.Array<Uint8Array>;
  readonly #idOf: (bytes: unknown) => number | undefined;
  readonly #authors = new Map<number, number>();

  /** @param idOf the number of an encoded mark; undefined for foreign bytes */
  constructor(list: Y.Array<Uint8Array>, idOf: (bytes: unknown) => number | undefined) {
    this.#list = list;
    this.#idOf = idOf;
  }

  /** Looks for marks that are new in the list. Call it after every change. */
  note(): void {
    for (let item = this.#list._start; item !== null; item = item.right) {
      if (item.deleted) continue;
      for (const value of item.content.getContent()) {
        const id = this.#idOf(value);
        if (id !== undefined && !this.#authors.has(id)) this.#authors.set(id, item.id.client);
      }
    }
  }

  of(id: number | undefined): number | undefined {
    return id === undefined ? undefined : this.#authors.get(id);
  }
}
