import { applyParams, DEFAULT_PARAMS, DEFAULT_RANGES, type Params, type Ranges } from '@underpaint/shared';
import { frameMs, type ServedModel } from '../inference/contract.js';

/*
 * What the clients of a model may choose, and what they start with. A model that is not guided has nothing to choose
 * there, and one that is guided by a second row pays for it with every step.
 */

const UNGUIDED = 1;

export function rangesOf({ guidance }: Pick<ServedModel, 'guidance'>): Ranges {
  if (guidance !== 'none') return DEFAULT_RANGES;
  return { ...DEFAULT_RANGES, guidance: { ...DEFAULT_RANGES.guidance, min: UNGUIDED, max: UNGUIDED } };
}

/** What is served beyond the first version of the protocol. */
export function featuresOf({ guidance }: Pick<ServedModel, 'guidance'>): readonly string[] {
  return guidance === 'rows' ? ['rooms', 'negative-prompt'] : ['rooms'];
}

/** What a new session starts with: the model's own suggestions over the general ones, previews where it is slow. */
export function initialParams(model: ServedModel, previewAboveMs: number): Params {
  const general = { ...DEFAULT_PARAMS, ...(model.guidance !== 'embedded' && { guidance: UNGUIDED }) };
  const params = applyParams(general, model.defaults, rangesOf(model));
  return applyParams(params, { preview: frameMs(model, params) > previewAboveMs });
}
