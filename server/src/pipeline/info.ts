import type { GuidanceKind, ModelKind } from './family.js';
import type { LoadedModel } from './folder/load-model.js';
import type { ModelFolder } from './folder/model-folder.js';

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
  };
  /** Prompts and colours that show what the model is good at. */
  readonly prompts: readonly string[];
  readonly palette: readonly string[];
  /** More steps than this make pictures no finer; undefined if the folder does not say, 0 for no refinement. */
  readonly refineSteps?: number | undefined;
}

export function infoOf(folder: ModelFolder, model: LoadedModel, device: string): PipelineInfo {
  const { family, codec, latentShape, safetyChecker } = model;
  const { name = folder.id, defaults, prompts, palette, refineSteps } = folder.card;
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
    defaults,
    prompts,
    palette,
    refineSteps,
  };
}
