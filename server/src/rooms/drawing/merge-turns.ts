import type { ReadUpdate, Struct } from './update-reader.js';

/** Why an update is not merged. The document has not changed. */
export type MergeRefusal =
  /** No author makes such items. */
  | 'garbage'
  /** It builds on items that are missing. */
  | 'incomplete'
  /** It would take too many comparisons, or the document could not be loaded into the same order. */
  | 'costly';

export class MergeRefused extends Error {
  constructor(readonly why: MergeRefusal) {
    super(why);
  }
}

interface Taker {
  /** How far an author is now. */
  readonly reached: (author: number) => number;
  readonly take: (struct: Struct) => void;
}

/**
 * Visits the items of an update in the order in which Yjs integrates them (integrateStructs in yjs): by descending author
 * number, each author as far as possible; if an item needs items of another author, those come first.
 *
 * @throws MergeRefused if an item builds on a missing one, or several build on each other in a circle
 */
export function takeInTurns(authors: ReadUpdate['authors'], { reached, take }: Taker): void {
  const taken = new Map<number, number>();
  const next = (author: number): Struct | undefined => {
    const at = taken.get(author) ?? 0;
    taken.set(author, at + 1);
    return authors.get(author)?.[at];
  };
  for (const author of [...authors.keys()].sort((a, b) => b - a)) {
    const waiting: Struct[] = [];
    for (let struct = next(author); struct; struct = waiting.pop() ?? next(author)) {
      // A circle, or a gap.
      if (struct.clock > reached(struct.author)) throw new MergeRefused('incomplete');
      const needed = neededBy(struct, reached);
      if (needed === undefined) {
        take(struct);
        continue;
      }
      const first = next(needed);
      if (!first) throw new MergeRefused('incomplete');
      waiting.push(struct, first);
    }
  }
}

/** The author whose items must come first. */
function neededBy({ author, clock, origin, rightOrigin }: Struct, reached: Taker['reached']): number | undefined {
  for (const id of [origin, rightOrigin]) {
    if (!id) continue;
    // No item can be placed beside itself, or beside a later one of its author.
    if (id.author === author && id.clock >= clock) throw new MergeRefused('garbage');
    if (id.clock >= reached(id.author)) return id.author;
  }
  return undefined;
}
