import type { Lifted } from './drawing.js';
import type { Layer } from './layers.js';
import type { Mark } from './marks.js';
import type { PaintAids } from './paint-mark.js';
import type { Context2D } from './raster.js';

/** A drawing with some of its marks on the move. */
export interface LiftedPicture {
  readonly marks: readonly Mark[];
  readonly layers: readonly Layer[];
  readonly lifted: readonly Lifted[];
}

/** Paints drawings with marks on the move. Its code is loaded when something is moved first. */
export interface LiftedPainter {
  paint(onto: Context2D, picture: LiftedPicture): void;
  /** Frees the memory. */
  forget(): void;
}

export type LoadLiftedPainter = () => Promise<{ createLiftedPainter(aids: PaintAids): LiftedPainter }>;
