import { PLACES } from './drawing-schema.js';
import { indexOf, isSame, isSameOrder, Node, rankBetween, unlink, type List } from './merge-node.js';
import { MergeRefused, takeInTurns, type MergeRefusal } from './merge-turns.js';
import type { Id, ReadUpdate, Struct } from './update-reader.js';

/*
 * Yjs finds the place of an item by comparing it with those that others put between the same two neighbours
 * (Item.integrate in yjs). A small update can ask for millions of comparisons: items that point to far-away neighbours,
 * one after the other, take seconds in a document of 10 000. So each update is merged here first, as Yjs will merge it, in a
 * list that holds no content; the comparisons are counted, and when there are too many the update is taken back.
 */

/** A split moves the items of its author behind it: about as much work as one comparison for so many of them. */
const MOVED_A_STEP = 512;
const SPLIT_STEPS = 3;

/** Of a check, how many items cost as much as one comparison. */
const ITEMS_A_STEP = 1;

export interface MergeLimits {
  /** Comparisons at the most. */
  readonly maxSteps: number;
  /** The same, of loading all of it; without it that is not looked at. */
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
   * An item was put beside others than its author did. Where that never happened the order is the same whichever way the
   * items come, and none is compared with others.
   */
  #isConcurrent = false;

  constructor() {
    this.#lists = new Map(PLACES.map((place) => [place.name, { place, first: undefined, size: 0 }]));
  }

  /** How far an author is. */
  reached(client: number): number {
    const last = this.#authors.get(client)?.at(-1);
    return last ? last.clock + last.length : 0;
  }

  /**
   * Merges an update.
   *
   * @returns undefined when it is merged, else why not; `steps` says what it took in either case
   */
  merge({ authors, deleted }: ReadUpdate, { maxSteps, maxLoadSteps }: MergeLimits): MergeRefusal | undefined {
    const before = new Map([...authors.keys()].map((client) => [client, this.reached(client)]));
    // Into nothing it is merged as it is loaded.
    const isLoad = this.#authors.size === 0;
    try {
      this.#run(authors, maxSteps);
      const isUnknown = deleted.some(({ client, clock, length }) => clock + length > this.reached(client));
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
    const reached = (client: number) => this.reached(client);
    takeInTurns(authors, { reached, take: (struct) => this.#add(struct) });
  }

  /**
   * Loading merges all items anew, in an order that has nothing to do with the one they came in: it must not take too many
   * comparisons, nor give another order, as it can where an item points to neighbours that never stood side by side.
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

  /** Takes the last update back. @param before how far its authors were */
  #takeBack(before: ReadonlyMap<number, number>): void {
    for (const [client, clock] of before) {
      const nodes = this.#authors.get(client);
      while (nodes?.length && nodes.at(-1)!.clock >= clock) unlink(nodes.pop()!);
      if (nodes?.length === 0) this.#authors.delete(client);
    }
  }

  /** Comparisons that the last update took. */
  get steps(): number {
    return this.#steps;
  }

  /** How many items there are; those taken away that lay together when they came are one. */
  get size(): number {
    return [...this.#lists.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The items of a place from left to right, those taken away included: each id, and how many follow it. */
  *items(place: string): Generator<Id & { readonly length: number }> {
    for (let node = this.#lists.get(place)?.first; node; node = node.right) yield node;
  }

  // ── one item ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #add(struct: Struct): void {
    const { client, holds, place } = struct;
    const known = this.reached(client);
    const extra = known - struct.clock;
    if (extra >= struct.length) return;
    const clock = known;
    const origin = extra > 0 ? { client, clock: known - 1 } : struct.origin;
    const { rightOrigin } = struct;
    const left = origin && this.#endingAt(origin);
    const right = rightOrigin && this.#startingAt(rightOrigin);
    const list = left?.list ?? right?.list ?? this.#lists.get(place ?? '');
    if (!list || (holds !== 'deleted' && holds !== list.place.holds)) throw new MergeRefused('garbage');
    if (!this.#couldBeNeighbours(left, right, list)) throw new MergeRefused('garbage');
    const length = struct.length - extra;
    const node = new Node({ client, clock }, length, { origin, rightOrigin, list });
    this.#link(node, this.#leftOf(node, left, right));
    const nodes = this.#authors.get(client);
    if (nodes) nodes.push(node);
    else this.#authors.set(client, [node]);
  }

  /**
   * Whether `left` and `right` can have stood side by side. Who knew both knew what each was put beside: nothing of that is
   * between them.
   */
  #couldBeNeighbours(left: Node | undefined, right: Node | undefined, list: List): boolean {
    if ((left && left.list !== list) || (right && right.list !== list)) return false;
    if (left && right && left.rank >= right.rank) return false;
    // In a map the newest value is set after the last one, and nothing is ever put before another.
    if (list.place.isKey && right) return false;
    const beforeRight = right?.origin && this.#find(right.origin);
    if (beforeRight && (!left || beforeRight.rank > left.rank)) return false;
    const afterLeft = left?.rightOrigin && this.#find(left.rightOrigin);
    return !(afterLeft && (!right || afterLeft.rank < right.rank));
  }

  /** Where Yjs puts an item: to the right of what is returned. */
  #leftOf(node: Node, left: Node | undefined, right: Node | undefined): Node | undefined {
    const { list, origin, rightOrigin, client } = node;
    // From the newest value of a map Yjs goes back to the first, and once more to put the new one there.
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
        if (other.client < client) {
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

  /** The item that holds a clock. */
  #find({ client, clock }: Id): Node {
    const nodes = this.#authors.get(client) ?? [];
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

  /** Takes a run apart after `length`; returns what follows, if anything goes before and after. */
  #split(node: Node, length: number): Node | undefined {
    if (length === 0 || length === node.length) return undefined;
    const { client, rightOrigin, list } = node;
    const clock = node.clock + length;
    const origin = { client, clock: clock - 1 };
    const rest = new Node({ client, clock }, node.length - length, { origin, rightOrigin, list });
    node.length = length;
    this.#link(rest, node);
    const nodes = this.#authors.get(client)!;
    const at = indexOf(nodes, node.clock) + 1;
    nodes.splice(at, 0, rest);
    this.#count(SPLIT_STEPS + Math.floor((nodes.length - at) / MOVED_A_STEP));
    return rest;
  }
}
