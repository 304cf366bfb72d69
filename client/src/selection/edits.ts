import { newId, type Mark } from '../drawing/marks.js';
import { IDENTITY, multiply, type Matrix } from '../drawing/matrix.js';
import { boundsOf, overlap } from './geometry.js';

export type Order = 'front' | 'forward' | 'backward' | 'back';

const COPY_OFFSET: Matrix = [1, 0, 0, 1, 8, 8];

/** Moves, scales or turns some of the marks. */
export function transformed(marks: readonly Mark[], chosen: ReadonlySet<Mark>, matrix: Matrix): readonly Mark[] {
  return marks.map((mark) =>
    chosen.has(mark) ? { ...mark, matrix: multiply(matrix, mark.matrix ?? IDENTITY) } : mark,
  );
}

/** Copies of marks, a little lower and to the right. */
export function copiesOf(marks: readonly Mark[]): readonly Mark[] {
  return transformed(marks, new Set(marks), COPY_OFFSET).map((mark) => ({ ...mark, id: newId() }));
}

/** Changes the order of painting. One step passes the next mark of the same layer that is not chosen. */
export function reordered(marks: readonly Mark[], chosen: ReadonlySet<Mark>, order: Order): readonly Mark[] {
  const moving = marks.filter((mark) => chosen.has(mark));
  const rest = marks.filter((mark) => !chosen.has(mark));
  const at = { front: rest.length, back: 0, forward: 0, backward: 0 };
  const layers = new Set(moving.map(({ layer = 0 }) => layer));
  const isNeighbour = (mark: Mark) => layers.has(mark.layer ?? 0) && !chosen.has(mark);
  const last = marks.lastIndexOf(moving.at(-1)!);
  const next = marks.findIndex((mark, index) => index > last && isNeighbour(mark));
  at.forward = next < 0 ? rest.length : rest.indexOf(marks[next]!) + 1;
  const first = marks.indexOf(moving[0]!);
  const before = marks.slice(0, first).findLastIndex(isNeighbour);
  at.backward = before < 0 ? 0 : rest.indexOf(marks[before]!);
  return rest.toSpliced(at[order], 0, ...moving);
}

/**
 * The chosen marks with the erasers and flood fills that belong to them alone: those that touch a chosen mark before them on
 * their layer, and no other one.
 */
export function withAttached(marks: readonly Mark[], chosen: ReadonlySet<Mark>, height: number): ReadonlySet<Mark> {
  const all = new Set(chosen);
  marks.forEach((mark, index) => {
    if (chosen.has(mark) || (mark.kind !== 'eraser' && mark.kind !== 'fill')) return;
    const box = boundsOf(mark, height);
    const under = marks
      .slice(0, index)
      .filter(
        (other) => isBody(other) && (other.layer ?? 0) === (mark.layer ?? 0) && overlap(boundsOf(other, height), box),
      );
    if (under.length > 0 && under.every((other) => chosen.has(other))) all.add(mark);
  });
  return all;
}

/** Whether a mark can be seen by itself. */
export function isBody({ kind }: Mark): boolean {
  return kind !== 'eraser' && kind !== 'fill';
}
