import type { Fields } from './fields.js';
import type { StrengthRule, Training } from './schedulers/scheduler.js';

/*
 * The model families that are served, one row each. Everything that depends on the family is in its row.
 */

/** What the model was distilled from, and how. */
export type ModelKind = `${'' | 'sdxl-'}${'lcm' | 'lcm-lora' | 'diffusion'}` | 'sd-turbo' | 'sdxl-turbo' | 'pixel';

/** How a model is guided: by an embedding of the scale, by a second row without the prompt, or not at all. */
export type GuidanceKind = 'embedded' | 'rows' | 'none';

/** Rows of the UNet batch that one picture takes. */
export function rowsPerPicture(kind: GuidanceKind, guidance: number): 1 | 2 {
  return kind === 'rows' && guidance > 1 ? 2 : 1;
}

/** The parts around the UNet. The names of the folder's files show them; no graph has to be opened. */
export interface FolderLayout {
  /** What turns pictures into latents and back: an autoencoder, or nothing, where the latents are the pixels. */
  readonly codec: 'vae' | 'pixels';
  readonly textEncoders: 0 | 1 | 2;
  /** The layer of each text encoder that the UNet reads; `penultimate` is the last but one, without its norm. */
  readonly textLayer: 'last' | 'penultimate';
  /** Whether an empty negative prompt is zeros, unless `force_zeros_for_empty_prompt` says otherwise. */
  readonly zeroEmptyPrompt: boolean;
  /** Scaling factor of an autoencoder that has no configuration. */
  readonly latentFactor: number;
}

const PIXELS: FolderLayout = {
  codec: 'pixels',
  textEncoders: 0,
  textLayer: 'last',
  zeroEmptyPrompt: false,
  latentFactor: 1,
};
const SD: FolderLayout = {
  codec: 'vae',
  textEncoders: 1,
  textLayer: 'last',
  zeroEmptyPrompt: false,
  latentFactor: 0.18215,
};
const SDXL: FolderLayout = {
  codec: 'vae',
  textEncoders: 2,
  textLayer: 'penultimate',
  zeroEmptyPrompt: true,
  latentFactor: 0.13025,
};

/** The layout of a folder, by its schedule and by whether it has `text_encoder_2`. */
export function layoutOf(training: Training, hasSecondEncoder: boolean): FolderLayout {
  if (training === 'pixels') return PIXELS;
  return hasSecondEncoder ? SDXL : SD;
}

export interface Family {
  readonly kind: ModelKind;
  readonly layout: FolderLayout;
  readonly training: Training;
  /** Only for UNets with a guidance embedding (`timestep_cond`), or only for those without; both if undefined. */
  readonly isEmbedded?: boolean;
  /** Only for folders whose `model_index.json` names such a pipeline. */
  readonly pipeline?: RegExp;
  readonly guidance: GuidanceKind;
  readonly strength: StrengthRule;
  /** Fields of the schedule that take precedence over `scheduler_config.json`. */
  readonly schedule: Fields;
}

/** diffusers' Stable Diffusion pipelines set these two fields, as old files have them wrong; its SDXL pipelines do not. */
const SD_SCHEDULE = { steps_offset: 1, clip_sample: false };
const sd = { layout: SD, strength: 'truncated', schedule: SD_SCHEDULE } as const;
const sdxl = { layout: SDXL, strength: 'truncated', schedule: {} } as const;
/** diffusers' latent consistency pipelines run all steps at any strength. */
const rescaled = { strength: 'rescaled', schedule: {} } as const;

/** The first row that fits is taken. */
const FAMILIES: readonly Family[] = [
  { kind: 'lcm', ...sd, ...rescaled, training: 'consistency', isEmbedded: true, guidance: 'embedded' },
  { kind: 'lcm-lora', ...sd, ...rescaled, training: 'consistency', pipeline: /LatentConsistency/, guidance: 'rows' },
  { kind: 'lcm-lora', ...sd, training: 'consistency', guidance: 'rows' },
  { kind: 'sd-turbo', ...sd, training: 'turbo', guidance: 'none' },
  { kind: 'diffusion', ...sd, training: 'diffusion', guidance: 'rows' },
  { kind: 'sdxl-lcm', ...sdxl, training: 'consistency', isEmbedded: true, guidance: 'embedded' },
  { kind: 'sdxl-lcm-lora', ...sdxl, training: 'consistency', guidance: 'rows' },
  { kind: 'sdxl-turbo', ...sdxl, training: 'turbo', guidance: 'none' },
  { kind: 'sdxl-diffusion', ...sdxl, training: 'diffusion', guidance: 'rows' },
  { kind: 'pixel', layout: PIXELS, strength: 'truncated', schedule: {}, training: 'pixels', guidance: 'none' },
];

/** The signs by which a family is recognised. */
export interface FamilySigns {
  readonly layout: FolderLayout;
  readonly training: Training;
  /** Whether the UNet takes a guidance embedding. */
  readonly isEmbedded: boolean;
  /** `_class_name` of `model_index.json`. */
  readonly pipelineClass: string;
}

/** The row of a model. A UNet with a guidance embedding is guided by it, whatever its family. */
export function familyOf({ layout, training, isEmbedded, pipelineClass }: FamilySigns): Family {
  const family = FAMILIES.find(
    (row) =>
      row.layout === layout &&
      row.training === training &&
      (row.isEmbedded ?? isEmbedded) === isEmbedded &&
      (row.pipeline?.test(pipelineClass) ?? true),
  );
  // Every layout has a row for each training it can have.
  return isEmbedded ? { ...family!, guidance: 'embedded' } : family!;
}
