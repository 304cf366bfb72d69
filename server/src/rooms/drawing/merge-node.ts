import type { Place } from './drawing-schema.js';
import type { Id, Struct } from './update-reader.js';

/** Between new ranks, so that many fit in before all are renumbered. */
const RANK_GAP = 2 ** 20 + 0.5;

/** An item in its list. It is also a struct, so that an order can be merged like an update. */
export class Node implements Struct {
  readonly holds = 'deleted';
  left: Node | undefined = undefined;
  right: Node | undefined = undefined;
  /** Rises from left to right. It has a fraction from the start, because V8 would rebuild all nodes for one later. */
  rank = 0.5;
  readonly author: number;
  readonly clock: number;
  /** Becomes shorter when the run is split. */
  length: number;
  readonly origin: Id | undefined;
  readonly rightOrigin: Id | undefined;
  readonly list: List;

  constructor(
    { author, clock }: Id,
    length: number,
    { origin, rightOrigin, list }: Pick<Node, 'origin' | 'rightOrigin' | 'list'>,
  ) {
    this.author = author;
    this.clock = clock;
    this.length = length;
    this.origin = origin;
    this.rightOrigin = rightOrigin;
    this.list = list;
  }

  get place(): string {
    return this.list.place.name;
  }
}

export interface List {
  readonly place: Place;
  first: Node | undefined;
  size: number;
}

export function isSameOrder(a: Node | undefined, b: Node | undefined): boolean {
  while (a && b && a.author === b.author && a.clock === b.clock) [a, b] = [a.right, b.right];
  return a === b;
}

export function isSame(a: Id | undefined, b: Id | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.author === b.author && a.clock === b.clock);
}

/** Index of the last node that begins at `clock` or before. */
export function indexOf(nodes: readonly Node[], clock: number): number {
  let [low, high] = [0, nodes.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (nodes[middle]!.clock <= clock) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function unlink({ left, right, list }: Node): void {
  if (left) left.right = right;
  else list.first = right;
  if (right) right.left = left;
  list.size -= 1;
}

export function rankBetween(node: Node): void {
  const { left, right, list } = node;
  const low = left ? left.rank : right ? right.rank - 2 * RANK_GAP : -RANK_GAP;
  node.rank = right ? (low + right.rank) / 2 : low + RANK_GAP;
  if (node.rank > low && (!right || node.rank < right.rank)) return;
  let rank = 0;
  for (let each = list.first; each; each = each.right) each.rank = rank += RANK_GAP;
}
