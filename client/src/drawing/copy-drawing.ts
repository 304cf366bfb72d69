import type { BackgroundPicture, DrawingHistory, DrawingState, SketchDrawing } from './drawing.js';
import type { Mark } from './marks.js';

/** The latest steps to copy. */
const MAX_STEPS = 50;
/** Most points in marks that only those steps need, because they are removed by now. Others would have to load them. */
const MAX_REMOVED_POINTS = 20_000;
/** A picture is as large as so many points. */
const PICTURE_POINTS = 10_000;

/** Copies a drawing into an empty one, with its latest steps: undo goes on where it was. */
export async function copyDrawing(
  { state, past }: Pick<DrawingHistory, 'state' | 'past'>,
  to: SketchDrawing,
): Promise<void> {
  const earlier = past.map((step) => step.state);
  const states = [...earlier.slice(earlier.length - affordable(earlier, state)), state];
  const copy = new Copy(to);
  for (const each of states) await copy.prepare(each);
  states.forEach((each, index) => copy.write(each, { isStep: index > 0 }));
}

/** Number of the latest states that may be copied. */
function affordable(earlier: readonly DrawingState[], state: DrawingState): number {
  const counted = new Set<unknown>(blobsAndMarks(state));
  let points = 0;
  let count = 0;
  for (const each of earlier.slice(-MAX_STEPS).toReversed()) {
    for (const part of blobsAndMarks(each)) {
      if (counted.has(part)) continue;
      counted.add(part);
      points += pointsOf(part);
    }
    if (points > MAX_REMOVED_POINTS) break;
    count += 1;
  }
  return count;
}

function blobsAndMarks({ marks, background }: DrawingState): readonly (Mark | Blob)[] {
  return background === null ? marks : [...marks, background.blob];
}

function pointsOf(part: Mark | Blob): number {
  if (part instanceof Blob || part.kind === 'picture') return PICTURE_POINTS;
  return 'points' in part ? part.points.length : 1;
}

/** Writes states one after the other. Marks that two states share stay the same marks in the copy. */
class Copy {
  readonly #to: SketchDrawing;
  readonly #blobs = new Map<Blob, Blob>();
  /** The marks as the copy reads them. */
  readonly #marks = new Map<Mark, Mark>();

  constructor(to: SketchDrawing) {
    this.#to = to;
  }

  /** Converts pictures. */
  async prepare({ marks, background }: DrawingState): Promise<void> {
    const blobs = marks.flatMap((mark) => (mark.kind === 'picture' ? [mark.blob] : []));
    for (const blob of background === null ? blobs : [...blobs, background.blob]) {
      if (!this.#blobs.has(blob)) this.#blobs.set(blob, await this.#to.adopt(blob));
    }
  }

  write({ marks, background, ...others }: DrawingState, { isStep }: { readonly isStep: boolean }): void {
    const change = {
      ...others,
      marks: marks.map((mark) => this.#copied(mark)),
      background: this.#background(background),
    };
    if (isStep) this.#to.change(change);
    else this.#to.amend(change);
    const written = this.#to.state.marks;
    if (written.length === marks.length) marks.forEach((mark, index) => this.#marks.set(mark, written[index]!));
  }

  #copied(mark: Mark): Mark {
    const known = this.#marks.get(mark);
    if (known !== undefined || mark.kind !== 'picture') return known ?? mark;
    return { ...mark, blob: this.#blobs.get(mark.blob)! };
  }

  #background(background: BackgroundPicture | null): BackgroundPicture | null {
    return background && { ...background, blob: this.#blobs.get(background.blob)! };
  }
}
