import { CONTROL_SCALE } from './conditions/control.js';
import type { GuidanceKind, ModelKind } from './family.js';
import type { LoadedModel } from './folder/load-model.js';
import type { ModelFolder } from './folder/model-folder.js';
import type { Dtype } from './folder/variants.js';

/** The useful values of a parameter; without a bound, those of any model. */
interface UsefulRange {
  readonly min?: number;
  readonly max?: number;
}

/** The useful values of parameters; all values of those that are missing. */
export interface Controls {
  readonly strength?: UsefulRange;
  readonly steps?: UsefulRange;
  readonly guidance?: UsefulRange;
  /** Missing if the model takes no control. */
  readonly control?: UsefulRange;
}

/** The guidance of a picture that is not guided. */
const UNGUIDED = 1;

/** A loaded model, as its users need to know it. */
export interface PipelineInfo {
  /** The folder's name. */
  readonly id: string;
  readonly name: string;
  /** Pixels of every picture. */
  readonly width: number;
  readonly height: number;
  readonly kind: ModelKind;
  /** Pixels that one latent spans each way. */
  readonly vaeFactor: number;
  /** Whether pictures are judged before they are shown. */
  readonly isJudged: boolean;
  readonly device: string;
  /** The type of numbers that the graphs compute in. */
  readonly dtype: Dtype;
  readonly guidance: GuidanceKind;
  readonly defaults: {
    readonly prompt?: string;
    readonly strength?: number;
    readonly steps?: number;
    readonly guidance?: number;
    readonly control?: number;
  };
  /** Whether no sketch is left in the latents at full strength, so that it need not be encoded there. */
  readonly startsFromNoise: boolean;
  readonly controls: Controls;
  /** The colour of an empty sheet, if the folder says it. */
  readonly emptySheet?: string;
  /** The words that the model knows, if the folder lists them. */
  readonly vocabulary?: readonly string[];
  /** Prompts and colours that show what the model is good at. */
  readonly prompts: readonly string[];
  readonly palette: readonly string[];
  /** More steps than this make pictures no finer; undefined if the folder does not say, 0 for no refinement. */
  readonly refineSteps?: number | undefined;
}

export function infoOf(folder: ModelFolder, model: LoadedModel, device: string): PipelineInfo {
  const { family, codec, latentShape, safetyChecker } = model;
  const { name = folder.id, defaults, prompts, palette, refineSteps } = folder.card;
  const { startsFromNoise, emptySheet, vocabulary } = folder.card;
  return {
    id: folder.id,
    name,
    width: latentShape.width * codec.factor,
    height: latentShape.height * codec.factor,
    kind: family.kind,
    vaeFactor: codec.factor,
    isJudged: safetyChecker !== undefined,
    device,
    dtype: model.dtype,
    guidance: family.guidance,
    // Guidance by a second row doubles the work, so it is off unless the folder asks for it.
    defaults: family.guidance === 'embedded' ? defaults : { guidance: UNGUIDED, ...defaults },
    controls: controlsOf(folder, model),
    startsFromNoise,
    ...(emptySheet !== undefined && { emptySheet }),
    ...(vocabulary && { vocabulary }),
    prompts,
    palette,
    refineSteps,
  };
}

function controlsOf({ card }: ModelFolder, { family, unet }: LoadedModel): Controls {
  const { control = {}, ...others } = card.controls;
  return {
    ...others,
    ...(family.guidance === 'none' && { guidance: { min: UNGUIDED, max: UNGUIDED } }),
    ...(unet.inputs.has(CONTROL_SCALE) && { control }),
  };
}
