import type { DrawingState, OwnStep } from '../drawing/drawing.js';
import type { Mark } from '../drawing/marks.js';

/** Puts pictures that a drawing knows in the place of those in kept steps. Values that steps share stay shared. */
export async function adoptSteps(
  steps: readonly OwnStep[],
  adopt: (picture: Blob) => Promise<Blob>,
): Promise<readonly OwnStep[]> {
  const states = [...new Set(steps.flatMap(({ before, after }) => [before, after]))];
  const blobs = new Map<Blob, Blob>();
  for (const blob of states.flatMap(picturesOf)) if (!blobs.has(blob)) blobs.set(blob, await adopt(blob));
  const marks = new Map<Mark, Mark>();
  const adoptMark = (mark: Mark): Mark => {
    if (mark.kind !== 'picture') return mark;
    const known = marks.get(mark) ?? { ...mark, blob: blobs.get(mark.blob)! };
    marks.set(mark, known);
    return known;
  };
  const adopted = new Map(
    states.map((state): [DrawingState, DrawingState] => {
      const { background } = state;
      const own = background && { ...background, blob: blobs.get(background.blob)! };
      return [state, { ...state, marks: state.marks.map(adoptMark), background: own }];
    }),
  );
  return steps.map((step) => ({ ...step, before: adopted.get(step.before)!, after: adopted.get(step.after)! }));
}

function picturesOf({ marks, background }: DrawingState): readonly Blob[] {
  const blobs = marks.flatMap((mark) => (mark.kind === 'picture' ? [mark.blob] : []));
  return background === null ? blobs : [...blobs, background.blob];
}
