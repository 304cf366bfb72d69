import type { Lifted } from '../drawing/drawing.js';
import type { Mark } from '../drawing/marks.js';
import type { PersonMove, PersonState } from './presence.js';

/** A presence message has 2 048 bytes. */
const MAX_MOVED = 100;

/** What a person tells the others about the marks on the move; null for none. */
export function moveOf(lifted: Lifted | null): PersonMove | null {
  if (lifted === null) return null;
  const ids = [...lifted.marks].flatMap(({ id }) => id ?? []).slice(0, MAX_MOVED);
  return { ids, matrix: lifted.matrix.map((value) => Math.round(value * 1e4) / 1e4) };
}

/** The marks that other members move. A mark that was changed meanwhile has landed: it is shown at its new place. */
export class OthersLifts {
  readonly #marks = new Map<number, { readonly key: string; readonly marks: ReadonlySet<Mark> }>();

  of(
    people: readonly { readonly author: number; readonly state: PersonState | null }[],
    all: readonly Mark[],
  ): Lifted[] {
    const moving = people.flatMap(({ author, state }) => (state?.move ? { author, move: state.move } : []));
    for (const author of this.#marks.keys()) {
      if (!moving.some((each) => each.author === author)) this.#marks.delete(author);
    }
    return moving.map(({ author, move }) => ({
      marks: this.#marksOf(author, move, all),
      matrix: move.matrix as unknown as Lifted['matrix'],
    }));
  }

  #marksOf(author: number, { ids }: PersonMove, all: readonly Mark[]): ReadonlySet<Mark> {
    const key = ids.join();
    const known = this.#marks.get(author);
    if (known?.key === key) return known.marks;
    const wanted = new Set(ids);
    const marks = new Set(all.filter(({ id }) => id !== undefined && wanted.has(id)));
    this.#marks.set(author, { key, marks });
    return marks;
  }
}
