import {
  ANY_CONTROL,
  applyParams,
  DEFAULT_PARAMS,
  DEFAULT_RANGES,
  type Limits,
  type ModelSummary,
  type Params,
  type Range,
  type Ranges,
  type WelcomeMessage,
} from '@underpaint/shared';
import { frameMs, type ServedModel } from '../inference/contract.js';

/* The description of a model for clients: its summary, the parameters that they may choose, and their first values. */

export function summaryOf(model: ModelSummary): ModelSummary {
  const { id, name, width, height, prompts, palette, startsFromNoise, emptySheet, vocabulary } = model;
  const optional = { ...(emptySheet !== undefined && { emptySheet }), ...(vocabulary && { vocabulary }) };
  return { id, name, width, height, prompts, palette, startsFromNoise, ...optional };
}

export function rangesOf({ controls }: Pick<ServedModel, 'controls'>): Ranges {
  const steps = narrowed(DEFAULT_RANGES.steps, controls.steps);
  return {
    ...DEFAULT_RANGES,
    strength: narrowed(DEFAULT_RANGES.strength, controls.strength),
    steps,
    minSteps: steps,
    guidance: narrowed(DEFAULT_RANGES.guidance, controls.guidance),
    ...(controls.control && { control: narrowed(ANY_CONTROL, controls.control) }),
  };
}

/** The part of a range that is useful. */
function narrowed({ min, max, step }: Range, useful: Partial<Range> = {}): Range {
  const within = (value: number) => Math.min(max, Math.max(min, value));
  return { min: within(useful.min ?? min), max: within(useful.max ?? max), step };
}

/** The part of the welcome that is the same for everyone. */
export function servedOf(
  model: ServedModel,
  { initialParams: defaults, ranges }: { readonly initialParams: Params; readonly ranges: Ranges },
  { maxFrameBytes, maxFramePixels, maxFramesPerSecond }: Limits,
): Pick<WelcomeMessage, 'features' | 'model' | 'defaults' | 'ranges' | 'limits'> {
  const limits = { maxFrameBytes, maxFramePixels, maxFramesPerSecond };
  return { features: featuresOf(model), model: summaryOf(model), defaults, ranges, limits };
}

/** The features of this server beyond the first version of the protocol. */
function featuresOf({ guidance }: Pick<ServedModel, 'guidance'>): readonly string[] {
  return guidance === 'rows' ? ['rooms', 'negative-prompt'] : ['rooms'];
}

/** Parameters of a new session: the model's defaults over the general ones, with previews if the model is slow. */
export function initialParams(model: ServedModel, previewAboveMs: number): Params {
  const params = applyParams(DEFAULT_PARAMS, { ...DEFAULT_PARAMS, ...model.defaults }, rangesOf(model));
  return applyParams(params, { preview: frameMs(model, params) > previewAboveMs });
}
