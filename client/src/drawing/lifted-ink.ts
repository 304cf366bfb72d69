import type { HiddenCanvas } from '../canvas.js';
import { marksByLayer, type Layer } from './layers.js';
import type { LiftedPainter, LiftedPicture } from './lifted-painter.js';
import type { Mark } from './marks.js';
import { paintMark, type PaintAids } from './paint-mark.js';
import { clearLayer, createLayer, type Context2D } from './raster.js';

/** Room around the sheet for lifted marks that lie outside of it, as a share of its size. */
const MARGIN = 0.5;

/**
 * A drawing with some of its marks on the move. The marks that stay and the marks that move are painted once each, so that a hundred marks
 * follow the pointer as easily as one. Marks between those that move lie under them meanwhile.
 */
export class LiftedInk implements LiftedPainter {
  readonly #aids: PaintAids;
  #key: readonly unknown[] = [];
  #under: HiddenCanvas | null = null;
  #over: HiddenCanvas | null = null;
  #moving: readonly HiddenCanvas[] = [];

  constructor(aids: PaintAids) {
    this.#aids = aids;
  }

  paint(onto: Context2D, picture: LiftedPicture): void {
    const { size } = this.#aids;
    this.#prepare(picture);
    if (this.#under) onto.drawImage(this.#under, 0, 0);
    picture.lifted.forEach(({ matrix: [a, b, c, d, e, f] }, index) => {
      onto.setTransform(a, b, c, d, e * size.scale, f * size.scale);
      onto.drawImage(this.#moving[index]!, -MARGIN * size.width, -MARGIN * size.height);
    });
    onto.resetTransform();
    if (this.#over) onto.drawImage(this.#over, 0, 0);
  }

  /** Frees the memory. */
  forget(): void {
    this.#key = [];
    this.#under = this.#over = null;
    this.#moving = [];
  }

  #prepare({ marks, layers, lifted }: LiftedPicture): void {
    const key = [marks, layers, ...lifted.map((each) => each.marks)];
    if (key.length === this.#key.length && key.every((each, index) => each === this.#key[index])) return;
    this.#key = key;
    const ordered = [...marksByLayer(marks, layers).values()].flat();
    const isLifted = (mark: Mark) => lifted.some((each) => each.marks.has(mark));
    const end = ordered.findLastIndex(isLifted) + 1;
    // An eraser over the moving marks must see everything under it.
    const from = ordered.slice(end).some(({ kind }) => kind === 'eraser') ? ordered.length : end;
    const stays = (part: readonly Mark[]) => part.filter((mark) => !isLifted(mark));
    this.#under = this.#painted(stays(ordered.slice(0, from)), layers);
    this.#over = from < ordered.length ? this.#painted(ordered.slice(from), layers) : null;
    this.#moving = lifted.map((each) =>
      this.#painted(
        ordered.filter((mark) => each.marks.has(mark)),
        layers,
        MARGIN,
      ),
    );
  }

  #painted(marks: readonly Mark[], layers: readonly Layer[], margin = 0): HiddenCanvas {
    const { size } = this.#aids;
    const [left, top] = [margin * size.width, margin * size.height];
    const wide = { ...size, width: size.width + 2 * left, height: size.height + 2 * top };
    const all = createLayer(wide);
    const one = createLayer(wide);
    for (const [{ isHidden, opacity }, own] of marksByLayer(marks, layers)) {
      if (isHidden || own.length === 0) continue;
      clearLayer(one);
      for (const mark of own) paintMark(one, mark, { ...this.#aids, origin: [left, top] });
      all.globalAlpha = opacity;
      all.drawImage(one.canvas, 0, 0);
    }
    return all.canvas;
  }
}
