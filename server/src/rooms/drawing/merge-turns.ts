import type { ReadUpdate, Struct } from './update-reader.js';

/** Why an update is not merged; the document is as it was. */
export type MergeRefusal =
  /** No client makes such items. */
  | 'garbage'
  /** It builds on items that did not come. */
  | 'incomplete'
  /** It would take too many comparisons, or the document could not be loaded into the same order. */
  | 'costly';

export class MergeRefused extends Error {
  constructor(readonly why: MergeRefusal) {
    super(why);
  }
}

interface Taker {
  /** How far an author is by now. */
  readonly reached: (client: number) => number;
  readonly take: (struct: Struct) => void;
}

/**
 * Goes through the items of an update in the order in which Yjs takes them (integrateStructs in yjs): authors from the
 * highest number on, each as far as it goes; where an item needs another author's, those first.
 *
 * @throws MergeRefused where one builds on what did not come, or several on each other in a circle
 */
export function takeInTurns(authors: ReadUpdate['authors'], { reached, take }: Taker): void {
  const taken = new Map<number, number>();
  const next = (client: number): Struct | undefined => {
    const at = taken.get(client) ?? 0;
    taken.set(client, at + 1);
    return authors.get(client)?.[at];
  };
  for (const client of [...authors.keys()].sort((a, b) => b - a)) {
    const waiting: Struct[] = [];
    for (let struct = next(client); struct; struct = waiting.pop() ?? next(client)) {
      // What it waits for has waited for it.
      if (struct.clock > reached(struct.client)) throw new MergeRefused('incomplete');
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

/** The author whose items have to come first. */
function neededBy({ client, clock, origin, rightOrigin }: Struct, reached: Taker['reached']): number | undefined {
  for (const id of [origin, rightOrigin]) {
    if (!id) continue;
    // Nothing is put beside itself, or beside what its author did later.
    if (id.client === client && id.clock >= clock) throw new MergeRefused('garbage');
    if (id.clock >= reached(id.client)) return id.client;
  }
  return undefined;
}
