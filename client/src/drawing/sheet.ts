import type { ModelSummary } from '@underpaint/shared';
import type { Ground } from './ground.js';
import { DEFAULT_PALETTE } from './palette.js';
import { SQUARE, type PictureShape } from './raster.js';

/** What a sketch looks like before anything is drawn, and the colours to draw with. */
export interface Sheet {
  readonly shape: PictureShape;
  readonly ground: Ground;
  readonly palette: readonly string[];
}

const UNKNOWN_MODEL: Sheet = { shape: SQUARE, ground: '#ffffff', palette: DEFAULT_PALETTE };

/** The sheet that a model was trained with. Until the model is known it is white paper. */
export function sheetOf(model: ModelSummary | undefined): Sheet {
  if (model === undefined) return UNKNOWN_MODEL;
  const { emptySheet: ground = 'landscape', palette } = model;
  return { shape: model, ground, palette: palette.length > 0 ? palette : DEFAULT_PALETTE };
}
