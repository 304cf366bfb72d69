import { CONTROL_SCALE } from './conditions/control.js';
import type { GuidanceKind, ModelKind } from './family.js';
import type { LoadedModel } from './folder/load-model.js';
import type { ModelFolder } from './folder/model-folder.js';

/** How strongly a sketch may control the picture. */
export interface ControlScales {
  readonly min: number;
  readonly max: number;
}

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
  /** Scales of the control that are useful; undefined for a model that takes none. */
  readonly control?: ControlScales | undefined;
  /** The colour of an empty sheet, if the folder says it. */
  readonly emptySheet?: string | undefined;
  /** Prompts and colours that show what the model is good at. */
  readonly prompts: readonly string[];
  readonly palette: readonly string[];
  /** More steps than this make pictures no finer; undefined if the folder does not say, 0 for no refinement. */
  readonly refineSteps?: number | undefined;
}

export function infoOf(folder: ModelFolder, model: LoadedModel, device: string): PipelineInfo {
  const { family, codec, latentShape, safetyChecker, unet } = model;
  const { name = folder.id, defaults, prompts, palette, refineSteps, startsFromNoise, emptySheet } = folder.card;
  const { default: control, ...scales } = folder.card.control;
  const isControlled = unet.inputs.has(CONTROL_SCALE);
  return {
    id: folder.id,
    name,
    width: latentShape.width * codec.factor,
    height: latentShape.height * codec.factor,
    kind: family.kind,
    vaeFactor: codec.factor,
    isJudged: safetyChecker !== undefined,
    device,
    guidance: family.guidance,
    defaults: isControlled ? { ...defaults, control } : defaults,
    startsFromNoise,
    control: isControlled ? { min: scales.min, max: scales.max } : undefined,
    emptySheet,
    prompts,
    palette,
    refineSteps,
  };
}
