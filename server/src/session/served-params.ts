import { applyParams, DEFAULT_PARAMS, DEFAULT_RANGES, type Params, type Ranges } from '@underpaint/shared';
import { frameMs, type ServedModel } from '../inference/contract.js';

/*
 * The parameters that the clients of a model may choose, and their first values. A model without guidance has no such
 * choice; a model that is guided by a second row pays for it with every step.
 */

const UNGUIDED = 1;
const CONTROL_STEP = 0.05;

export function rangesOf({ guidance, control }: Pick<ServedModel, 'guidance' | 'control'>): Ranges {
  const ranges = control ? { ...DEFAULT_RANGES, control: { ...control, step: CONTROL_STEP } } : DEFAULT_RANGES;
  if (guidance !== 'none') return ranges;
  return { ...ranges, guidance: { ...ranges.guidance, min: UNGUIDED, max: UNGUIDED } };
}

/** The features of this server beyond the first version of the protocol. */
export function featuresOf({ guidance }: Pick<ServedModel, 'guidance'>): readonly string[] {
  return guidance === 'rows' ? ['rooms', 'negative-prompt'] : ['rooms'];
}

/** Parameters of a new session: the model's defaults over the general ones, with previews if the model is slow. */
export function initialParams(model: ServedModel, previewAboveMs: number): Params {
  const general = { ...DEFAULT_PARAMS, ...(model.guidance !== 'embedded' && { guidance: UNGUIDED }) };
  const params = applyParams(general, model.defaults, rangesOf(model));
  return applyParams(params, { preview: frameMs(model, params) > previewAboveMs });
}
