import type { HiddenCanvas, HiddenContext } from '../canvas.js';
import { InkLayer } from './ink-layer.js';
import { marksByLayer, type Layer } from './layers.js';
import type { Mark } from './marks.js';
import { paintMark, type PaintAids } from './paint-mark.js';
import { createLayer, type Context2D } from './raster.js';

/** The mark under the pen, and the layer that it is on. */
interface Live {
  readonly mark: Mark;
  readonly layer: number;
}

/** The painted layers of a drawing. */
export class InkStack {
  readonly #aids: PaintAids;
  readonly #inks = new Map<number, InkLayer>();
  #scratch: HiddenContext | null = null;
  #shown: readonly Layer[] = [];

  constructor(aids: PaintAids) {
    this.#aids = aids;
  }

  show(marks: readonly Mark[], layers: readonly Layer[]): void {
    const wanted = new Set(layers.map(({ id }) => id));
    for (const id of this.#inks.keys()) if (!wanted.has(id)) this.#inks.delete(id);
    this.#shown = layers;
    for (const [{ id, isHidden }, own] of marksByLayer(marks, layers)) {
      // A hidden layer is painted when it is shown.
      if (!isHidden) this.#inkOf(id).show(own, layers.length);
    }
  }

  /** Makes the next `show` paint everything again, because the ground has changed. */
  reset(): void {
    for (const ink of this.#inks.values()) ink.reset();
  }

  paint(onto: Context2D, live: Live | null): void {
    for (const { id, isHidden, opacity } of this.#shown) {
      const ink = this.#inkOf(id);
      const isLive = live !== null && live.layer === id;
      if (isHidden || (ink.isEmpty && !isLive)) continue;
      onto.globalAlpha = opacity;
      onto.drawImage(isLive ? this.#withLive(ink, live.mark) : ink.canvas, 0, 0);
    }
    onto.globalAlpha = 1;
  }

  /** An eraser must see the ink alone, so the live mark is painted on a copy of it. */
  #withLive(ink: InkLayer, mark: Mark): HiddenCanvas {
    const scratch = (this.#scratch ??= createLayer(this.#aids.size));
    scratch.globalCompositeOperation = 'copy';
    scratch.drawImage(ink.canvas, 0, 0);
    scratch.globalCompositeOperation = 'source-over';
    paintMark(scratch, mark, { ...this.#aids, finished: false });
    return scratch.canvas;
  }

  #inkOf(id: number): InkLayer {
    const ink = this.#inks.get(id) ?? new InkLayer(this.#aids);
    this.#inks.set(id, ink);
    return ink;
  }
}
