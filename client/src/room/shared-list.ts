import type * as Y from 'yjs';

interface SharedListOptions<T> {
  readonly encode: (value: T) => Uint8Array;
  /** Null for foreign bytes, which are left where they are. */
  readonly decode: (bytes: Uint8Array) => T | null;
  /** Two people may change one value at the same time; the later one in the list counts. */
  readonly idOf: (value: T) => number | undefined;
}

/** A list of values in a Yjs document, as bytes. An unchanged value stays the same object. */
export class SharedList<T extends object> {
  readonly #list: Y.Array<Uint8Array>;
  readonly #options: SharedListOptions<T>;
  readonly #known = new WeakMap<Uint8Array, T | null>();

  constructor(list: Y.Array<Uint8Array>, options: SharedListOptions<T>) {
    this.#list = list;
    this.#options = options;
  }

  read(): T[] {
    const values = this.#list.toArray().flatMap((bytes) => this.decoded(bytes) ?? []);
    const last = new Map(values.map((value, index) => [this.#options.idOf(value), index]));
    return values.filter((value, index) => {
      const id = this.#options.idOf(value);
      return id === undefined || last.get(id) === index;
    });
  }

  push(value: T): void {
    this.#list.push([this.#options.encode(value)]);
  }

  /**
   * Makes the list hold these values, and touches only what has changed, so that concurrent changes of other members
   * survive. Values that replace a run of others form a run themselves: once deleted, a run takes the room of one item.
   */
  write(values: readonly T[]): void {
    const old = this.#list.toArray().map((bytes) => this.decoded(bytes));
    const places = new Map(values.map((value, index) => [value, index]));
    const kept = new Set(longestRising(old.flatMap((value) => (value && places.get(value)) ?? [])));
    const stays = (value: T | null) => value === null || kept.has(places.get(value) ?? -1);
    for (let end = old.length; end > 0; end--) {
      if (stays(old[end - 1]!)) continue;
      let start = end - 1;
      while (start > 0 && !stays(old[start - 1]!)) start--;
      this.#list.delete(start, end - start);
      end = start + 1;
    }
    this.#insert(values, { kept, remaining: old.filter(stays) });
  }

  /** Inserts the runs of values that are not among those that stayed. */
  #insert(
    values: readonly T[],
    { kept, remaining }: { readonly kept: ReadonlySet<number>; readonly remaining: readonly (T | null)[] },
  ): void {
    let [at, seen] = [0, 0];
    for (let next = 0; next < values.length;) {
      if (kept.has(next)) {
        while (remaining[seen] === null) [at, seen] = [at + 1, seen + 1];
        [at, seen, next] = [at + 1, seen + 1, next + 1];
        continue;
      }
      const start = next;
      while (next < values.length && !kept.has(next)) next++;
      this.#list.insert(at, values.slice(start, next).map(this.#options.encode));
      at += next - start;
    }
  }

  /** A value of the list; null for foreign bytes. */
  decoded(bytes: unknown): T | null {
    if (!(bytes instanceof Uint8Array)) return null;
    const known = this.#known.get(bytes);
    if (known !== undefined) return known;
    const value = this.#options.decode(bytes);
    this.#known.set(bytes, value);
    return value;
  }
}

/** The longest part of a list of different numbers that rises. */
function longestRising(numbers: readonly number[]): number[] {
  /** Index of the smallest last number of a rising part of each length. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  numbers.forEach((number, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[ends[middle]!]! < number) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1];
    ends[low] = index;
  });
  const found: number[] = [];
  for (let index = ends.at(-1); index !== undefined; index = before[index]) found.unshift(numbers[index]!);
  return found;
}
