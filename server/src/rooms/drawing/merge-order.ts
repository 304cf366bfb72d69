import { PLACES } from './drawing-schema.js';
import { indexOf, isSame, isSameOrder, Node, rankBetween, unlink, type List } from './merge-node.js';
import { MergeRefused, takeInTurns, type MergeRefusal } from './merge-turns.js';
import type { Id, ReadUpdate, Struct } from './update-reader.js';

/*
 * Yjs finds the place of an item by comparing it with those that others put between the same two neighbours
 * (Item.integrate in yjs). A small update can need millions of comparisons: items that point to far-away neighbours take
 * seconds in a document of 10 000. So each update is first merged here, in the same way, into lists without content. The
 * comparisons are counted, and if there are too many the update is taken back.
 */

/** A split moves the later items of its author. Moving this many costs about as much as one comparison. */
const MOVED_A_STEP = 512;
const SPLIT_STEPS = 3;

/** Items of a load check that cost as much as one comparison. */
const ITEMS_A_STEP = 1;

export interface MergeLimits {
  /** Most comparisons. */
  readonly maxSteps: number;
  /** Most comparisons for loading everything; not checked if undefined. */
  readonly maxLoadSteps?: number;
}

/** The order of a drawing's items, without their content. */
export class MergeOrder {
  readonly #lists: ReadonlyMap<string, List>;
  /** Of each author, by clock. */
  readonly #authors = new Map<number, Node[]>();
  #steps = 0;
  #maxSteps = 0;
  /**
   * Whether an item was placed beside others than its author saw. Until then the order does not depend on the sequence in
   * which items come, and no items are compared.
   */
  #isConcurrent = false;

  constructor() {
    this.#lists = new Map(PLACES.map((place) => [place.name, { place, first: undefined, size: 0 }]));
  }

  /** How far an author is. */
  reached(author: number): number {
    const last = this.#authors.get(author)?.at(-1);
    return last ? last.clock + last.length : 0;
  }

  /**
   * Merges an update.
   *
   * @returns undefined if it is merged, else why not; `steps` counts the comparisons in either case
   */
  merge({ authors, deleted }: ReadUpdate, { maxSteps, maxLoadSteps }: MergeLimits): MergeRefusal | undefined {
    const before = new Map([...authors.keys()].map((author) => [author, this.reached(author)]));
    // Merging into an empty order is a load.
    const isLoad = this.#authors.size === 0;
    try {
      this.#run(authors, maxSteps);
      const isUnknown = deleted.some(({ author, clock, length }) => clock + length > this.reached(author));
      if (isUnknown) throw new MergeRefused('incomplete');
      if (maxLoadSteps !== undefined && !isLoad) this.#checkLoad(maxLoadSteps);
      return undefined;
    } catch (error) {
      this.#takeBack(before);
      if (error instanceof MergeRefused) return error.why;
      throw error;
    }
  }

  #run(authors: ReadUpdate['authors'], maxSteps: number): void {
    this.#steps = 0;
    this.#maxSteps = maxSteps;
    const reached = (author: number) => this.reached(author);
    takeInTurns(authors, { reached, take: (struct) => this.#add(struct) });
  }

  /**
   * Loading merges all items again, in a sequence that is unrelated to the one they came in. It must not take too many
   * comparisons, nor give another order, as it can if an item names neighbours that were never side by side.
   */
  #checkLoad(maxSteps: number): void {
    if (!this.#isConcurrent) return;
    const loaded = new MergeOrder();
    const items = Math.floor(this.size / ITEMS_A_STEP);
    try {
      loaded.#run(this.#authors, maxSteps);
    } finally {
      this.#steps += loaded.#steps + items;
    }
    for (const [name, list] of this.#lists) {
      if (!isSameOrder(list.first, loaded.#lists.get(name)!.first)) throw new MergeRefused('costly');
    }
  }

  /** Undoes the last update. @param before how far its authors were */
  #takeBack(before: ReadonlyMap<number, number>): void {
    for (const [author, clock] of before) {
      const nodes = this.#authors.get(author);
      while (nodes?.length && nodes.at(-1)!.clock >= clock) unlink(nodes.pop()!);
      if (nodes?.length === 0) this.#authors.delete(author);
    }
  }

  /** Comparisons that the last update took. */
  get steps(): number {
    return this.#steps;
  }

  /** Number of items; deleted ones that came as one run count once. */
  get size(): number {
    return [...this.#lists.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The items of a place from left to right, deleted ones included. */
  *items(place: string): Generator<Id & { readonly length: number }> {
    for (let node = this.#lists.get(place)?.first; node; node = node.right) yield node;
  }

  // ── one item ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #add(struct: Struct): void {
    const { author, holds, place } = struct;
    const known = this.reached(author);
    const extra = known - struct.clock;
    if (extra >= struct.length) return;
    const clock = known;
    const origin = extra > 0 ? { author, clock: known - 1 } : struct.origin;
    const { rightOrigin } = struct;
    const left = origin && this.#endingAt(origin);
    const right = rightOrigin && this.#startingAt(rightOrigin);
    const list = left?.list ?? right?.list ?? this.#lists.get(place ?? '');
    if (!list || (holds !== 'deleted' && holds !== list.place.holds)) throw new MergeRefused('garbage');
    if (!this.#couldBeNeighbours(left, right, list)) throw new MergeRefused('garbage');
    const length = struct.length - extra;
    const node = new Node({ author, clock }, length, { origin, rightOrigin, list });
    this.#link(node, this.#leftOf(node, left, right));
    const nodes = this.#authors.get(author);
    if (nodes) nodes.push(node);
    else this.#authors.set(author, [node]);
  }

  /**
   * Whether `left` and `right` can have been neighbours. An author who saw both also saw the items that each was placed
   * beside, so none of those can be between them.
   */
  #couldBeNeighbours(left: Node | undefined, right: Node | undefined, list: List): boolean {
    if ((left && left.list !== list) || (right && right.list !== list)) return false;
    if (left && right && left.rank >= right.rank) return false;
    // A key of a map gets its newest value after the last one, never before another.
    if (list.place.isKey && right) return false;
    const beforeRight = right?.origin && this.#find(right.origin);
    if (beforeRight && (!left || beforeRight.rank > left.rank)) return false;
    const afterLeft = left?.rightOrigin && this.#find(left.rightOrigin);
    return !(afterLeft && (!right || afterLeft.rank < right.rank));
  }

  /** @returns the item to whose right Yjs puts an item; undefined for the start of the list */
  #leftOf(node: Node, left: Node | undefined, right: Node | undefined): Node | undefined {
    const { list, origin, rightOrigin, author } = node;
    // In a map Yjs walks from the newest value back to the first, and again to place the new one.
    if (list.place.isKey && !left) this.#count(2 * list.size);
    const first = left ? left.right : list.first;
    if (first === right) return left;
    this.#isConcurrent = true;
    const passed = new Set<Node>();
    const conflicting = new Set<Node>();
    let place = left;
    for (let other = first; other && other !== right; other = other.right) {
      this.#count(1);
      passed.add(other);
      conflicting.add(other);
      if (isSame(origin, other.origin)) {
        if (other.author < author) {
          place = other;
          conflicting.clear();
        } else if (isSame(rightOrigin, other.rightOrigin)) break;
      } else {
        const beside = other.origin && this.#find(other.origin);
        if (!beside || !passed.has(beside)) break;
        if (!conflicting.has(beside)) {
          place = other;
          conflicting.clear();
        }
      }
    }
    return place;
  }

  #count(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#maxSteps) throw new MergeRefused('costly');
  }

  #link(node: Node, left: Node | undefined): void {
    const { list } = node;
    node.left = left;
    node.right = left ? left.right : list.first;
    if (left) left.right = node;
    else list.first = node;
    if (node.right) node.right.left = node;
    list.size += 1;
    rankBetween(node);
  }

  // ── by id ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws MergeRefused if there is no such item */
  #find({ author, clock }: Id): Node {
    const nodes = this.#authors.get(author) ?? [];
    const node = nodes[indexOf(nodes, clock)];
    if (!node || clock >= node.clock + node.length) throw new MergeRefused('incomplete');
    return node;
  }

  #endingAt(id: Id): Node {
    const node = this.#find(id);
    this.#split(node, id.clock + 1 - node.clock);
    return node;
  }

  #startingAt(id: Id): Node {
    const node = this.#find(id);
    return this.#split(node, id.clock - node.clock) ?? node;
  }

  /** Splits a run after `length`. @returns the second part; undefined if either part would be empty */
  #split(node: Node, length: number): Node | undefined {
    if (length === 0 || length === node.length) return undefined;
    const { author, rightOrigin, list } = node;
    const clock = node.clock + length;
    const origin = { author, clock: clock - 1 };
    const rest = new Node({ author, clock }, node.length - length, { origin, rightOrigin, list });
    node.length = length;
    this.#link(rest, node);
    const nodes = this.#authors.get(author)!;
    const at = indexOf(nodes, node.clock) + 1;
    nodes.splice(at, 0, rest);
    this.#count(SPLIT_STEPS + Math.floor((nodes.length - at) / MOVED_A_STEP));
    return rest;
  }
}
