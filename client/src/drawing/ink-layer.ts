import type { HiddenCanvas, HiddenContext } from '../canvas.js';
import type { Mark } from './marks.js';
import { paintMark, type PaintAids } from './paint-mark.js';
import { clearLayer, createLayer } from './raster.js';

const CHECKPOINT_EVERY = 16;
/** Of all layers together: each takes megabytes. */
const MAX_CHECKPOINTS = 12;
/** The same of earlier lists. */
const MAX_EARLIER = 16;

interface Checkpoint {
  readonly count: number;
  readonly canvas: HiddenCanvas;
}

/** A list that was shown before, as it was painted. */
interface Earlier {
  readonly marks: readonly Mark[];
  readonly context: HiddenContext;
}

/**
 * The painted marks of a drawing. If a list starts like the one shown before, only its new marks are painted, or the
 * layer returns to a checkpoint. So adding, undoing and merging a mark are all cheap. A list whose first marks change is
 * kept as it was painted, so undoing the move of many marks is cheap too.
 */
export class InkLayer {
  readonly #aids: PaintAids;
  #context: HiddenContext;
  #shown: readonly Mark[] = [];
  #checkpoints: Checkpoint[] = [];
  #maxCheckpoints = MAX_CHECKPOINTS;
  /** The latest last. */
  #earlier: readonly Earlier[] = [];
  #maxEarlier = MAX_EARLIER;

  constructor(aids: PaintAids) {
    this.#aids = aids;
    this.#context = createLayer(aids.size);
  }

  get canvas(): HiddenCanvas {
    return this.#context.canvas;
  }

  get isEmpty(): boolean {
    return this.#shown.length === 0;
  }

  /** @param sharers number of layers that share the memory for checkpoints */
  show(marks: readonly Mark[], sharers: number): void {
    this.#maxCheckpoints = Math.max(1, Math.floor(MAX_CHECKPOINTS / sharers));
    this.#maxEarlier = Math.max(1, Math.floor(MAX_EARLIER / sharers));
    let kept = commonPrefix(this.#shown, marks);
    if (kept < this.#shown.length) kept = this.#leave(kept, marks);
    for (let count = kept; count < marks.length; count++) {
      paintMark(this.#context, marks[count]!, this.#aids);
      // A flood fill costs as much as many strokes.
      if ((count + 1) % CHECKPOINT_EVERY === 0 || marks[count]!.kind === 'fill') this.#keepCheckpoint(count + 1);
    }
    this.#shown = marks;
  }

  /** Makes the next `show` paint everything again, because the layer under the marks has changed. */
  reset(): void {
    this.#earlier = [];
    this.#goBackTo(0);
    this.#shown = [];
  }

  /**
   * Leaves the list that is shown, which has only its first `kept` marks in common with the next one.
   *
   * @returns number of the next list's marks that the layer shows now
   */
  #leave(kept: number, next: readonly Mark[]): number {
    this.#checkpoints = this.#checkpoints.filter(({ count }) => count <= kept);
    const from = this.#checkpoints.at(-1)?.count ?? 0;
    const known = this.#earlier.findLast(({ marks }) => marks.length > from && isPrefix(marks, next));
    if (known === undefined) {
      if (this.#shown.length - from > CHECKPOINT_EVERY) this.#keepShown();
      return this.#goBackTo(kept);
    }
    const left = { marks: this.#shown, context: this.#context };
    this.#earlier = [...this.#earlier.filter((each) => each !== known), left];
    this.#context = known.context;
    return known.marks.length;
  }

  #keepShown(): void {
    const context = createLayer(this.#aids.size);
    context.drawImage(this.canvas, 0, 0);
    this.#earlier = [...this.#earlier.slice(-(this.#maxEarlier - 1) || Infinity), { marks: this.#shown, context }];
  }

  /** @returns number of marks that the layer shows now, at most `count` */
  #goBackTo(count: number): number {
    this.#checkpoints = this.#checkpoints.filter((checkpoint) => checkpoint.count <= count);
    clearLayer(this.#context);
    const checkpoint = this.#checkpoints.at(-1);
    if (checkpoint === undefined) return 0;
    this.#context.drawImage(checkpoint.canvas, 0, 0);
    return checkpoint.count;
  }

  #keepCheckpoint(count: number): void {
    if (this.#checkpoints.some((checkpoint) => checkpoint.count === count)) return;
    const copy = createLayer(this.#aids.size);
    copy.drawImage(this.canvas, 0, 0);
    this.#checkpoints = [
      ...this.#checkpoints.slice(-(this.#maxCheckpoints - 1) || this.#checkpoints.length),
      { count, canvas: copy.canvas },
    ];
  }
}

function commonPrefix(a: readonly Mark[], b: readonly Mark[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}

function isPrefix(part: readonly Mark[], all: readonly Mark[]): boolean {
  return part.length <= all.length && commonPrefix(part, all) === part.length;
}
