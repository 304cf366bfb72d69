import type { BackgroundPicture, DrawingState } from '../drawing/drawing.js';
import type { Mark } from '../drawing/marks.js';

/**
 * What a step from one state to another does to a drawing that others have changed meanwhile. Marks are told apart by their
 * numbers: those that the step removes go, those that it changes become as they are after it, and those that it adds come
 * back behind the mark that they followed.
 */
export function rebased(current: DrawingState, from: DrawingState, to: DrawingState): Partial<DrawingState> {
  const { layers, paper } = to;
  return {
    marks: rebasedMarks(current.marks, from.marks, to.marks),
    ...(layers && !isSameList(from.layers ?? [], layers) && { layers }),
    ...(paper !== undefined && paper !== from.paper && { paper }),
    ...(!isSamePicture(from.background, to.background) && { background: to.background }),
  };
}

function rebasedMarks(current: readonly Mark[], from: readonly Mark[], to: readonly Mark[]): readonly Mark[] {
  const [before, after] = [byId(from), byId(to)];
  const kept = current.flatMap((mark) => {
    const [old, next] = [before.get(mark.id), after.get(mark.id)];
    if (old === undefined || old === next) return mark;
    return next ?? [];
  });
  const here = new Set(kept.map(({ id }) => id));
  const all = [...kept];
  to.forEach((mark, index) => {
    if (before.has(mark.id) || here.has(mark.id)) return;
    const follows = to.slice(0, index).findLast(({ id }) => here.has(id));
    all.splice(all.findIndex(({ id }) => id === follows?.id) + 1, 0, mark);
    here.add(mark.id);
  });
  return isSameOrder(from, to) ? all : inOrderOf(all, to);
}

function byId(marks: readonly Mark[]): ReadonlyMap<number | undefined, Mark> {
  return new Map(marks.map((mark) => [mark.id, mark]));
}

/** Whether the marks that two states share follow each other in the same way. */
function isSameOrder(from: readonly Mark[], to: readonly Mark[]): boolean {
  const [before, after] = [byId(from), byId(to)];
  const [old, next] = [from.filter(({ id }) => after.has(id)), to.filter(({ id }) => before.has(id))];
  return old.every(({ id }, index) => id === next[index]?.id);
}

/** Marks of the order change places with each other; all others stay where they are. */
function inOrderOf(marks: readonly Mark[], order: readonly Mark[]): readonly Mark[] {
  const [ordered, here] = [byId(order), byId(marks)];
  const next = order.flatMap(({ id }) => here.get(id) ?? [])[Symbol.iterator]();
  return marks.map((mark) => (ordered.has(mark.id) ? (next.next().value ?? mark) : mark));
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function isSamePicture(a: BackgroundPicture | null, b: BackgroundPicture | null): boolean {
  return a?.blob === b?.blob && a?.opacity === b?.opacity;
}
